import SetModel

/// What kept a command from its work on some of several sets.
struct SetFailures: Sendable {
    /// In the order in which they were met; sets as they were named.
    private(set) var all: [(set: String, error: SnapshotError)] = []

    var isEmpty: Bool { all.isEmpty }

    mutating func add(_ set: String, _ error: any Error) { all.append((set, SnapshotError(wrapping: error))) }

    mutating func add(_ other: SetFailures) { all += other.all }

    var json: JSON {
        .array(all.map { .object([("set", .string($0.set))] + ErrorText($0.error).pairs) })
    }

    /// The one failure, or what several have in common; `nil` without any.
    ///
    /// - Parameters:
    ///   - done: on how many other sets the work was done.
    ///   - verb: what was not done: `deleted`.
    func error(beside done: Int, _ verb: String) -> SnapshotError? {
        guard let first = all.first?.error else { return nil }
        if done == 0, all.count == 1 { return first }
        let summary = SnapshotError(
            code(first.code, beside: done), "\(all.count) of \(Words.count(all.count + done, "set")) not \(verb)")
        return all.reduce(into: summary) { summary, failure in
            summary.causes.append("\(failure.set): \(failure.error.message)")
            summary.causes += failure.error.causes
            summary.undoFailures += failure.error.undoFailures
        }
    }

    /// What stands still comes first: a person must look.
    private func code(_ first: SnapshotError.Code, beside done: Int) -> SnapshotError.Code {
        if all.contains(where: { $0.error.code == .stillFrozen }) { return .stillFrozen }
        return done == 0 && all.allSatisfy { $0.error.code == first } ? first : .partial
    }
}
