import ArgumentParser
import SetModel
import Snapshots

/// Which sets a command is for, other than by name.
struct Selection: ParsableArguments {
    @Option(
        name: .customLong("tag"),
        help: ArgumentHelp(
            "Only sets with this tag: KEY=VALUE, KEY, or !KEY for those without; *, ? and [...] as in a shell. Repeated:"
                + " all have to hold. Keys such as stillpoint.policy: see stillpoint(8).", valueName: "selector"))
    var tags: [String] = []

    @Option(help: ArgumentHelp("Only sets of this policy; - for those of none.", valueName: "id"))
    var policy: String?

    var isGiven: Bool { !tags.isEmpty || policy != nil }

    private func selectors() throws -> [TagSelector] {
        try tags.map { text in
            guard !Text.hasControlCharacter(text), let selector = TagSelector(text) else {
                throw ValidationError("--tag \(text.debugDescription) selects nothing: KEY=VALUE, KEY or !KEY.")
            }
            return selector
        }
    }

    func validate() throws { _ = try selectors() }

    /// Those of the sets that are meant.
    func of(_ sets: [SnapshotSet]) throws -> [SnapshotSet] {
        let selectors = try selectors()
        return sets.filter { set in
            (policy == nil || policy == (set.policy ?? "-")) && selectors.allSatisfy { $0.matches(set) }
        }
    }

    /// The sets that a command works on, by a name or id that means them, and what they are called.
    func chosen(
        _ given: [String], _ service: any SnapshotService
    ) async throws -> [(set: String, name: String)] {
        guard isGiven else { return given.map { ($0, $0) } }
        return try of(try await service.list()).map { ($0.id, $0.name) }
    }

    /// A command without any is a mistake; with both nobody knows what is meant.
    func check(_ given: [String]) throws {
        guard given.isEmpty == isGiven else {
            throw ValidationError(isGiven ? "Name sets, or select them." : "Name at least one set, or select some.")
        }
    }
}
