import Foundation
import Testing

@testable import Commands

/// man/stillpoint.8 leaves out no verb, no option and no key that the program has.
struct ManualTests {
    private let page: ManualPage

    init() throws {
        let checkout = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        page = ManualPage(try String(contentsOf: checkout.appending(path: "man/stillpoint.8"), encoding: .utf8))
    }

    @Test("each verb stands in the synopsis, and has an entry with its other names and its options")
    func verbs() async throws {
        let run = await Run("--experimental-dump-help")
        let verbs = try JSONDecoder().decode(Tool.self, from: Data(run.output.utf8)).command.verbs()
        #expect(verbs.contains { $0.path == ["policy", "init"] && $0.command.options.contains("--dry-run") })
        let nouns = verbs.filter { $0.path.count > 1 }.map { $0.path[0] }
        let common = page.words(in: "OPTIONS OF ALL COMMANDS")
        let entries = page.entries(in: "COMMANDS")
        var missing: [String] = []
        for (path, command) in verbs {
            let name = path.joined(separator: " ")
            if !page.hasSynopsis(of: path, nouns: nouns) { missing.append("SYNOPSIS: \(name)") }
            guard let entry = entries[name] else {
                missing.append("COMMANDS: \(name)")
                continue
            }
            let words = (command.aliases ?? []) + command.options.filter { !common.contains($0) }
            missing += words.filter { !entry.contains($0) }.map { "\(name): \($0)" }
        }
        #expect(missing.isEmpty)
    }

    @Test(
        "each key of a policy stands in its section",
        arguments: [
            (PolicyHost.hourly(keeping: 1), "[/a]", "no-such-key-as-this: 1"),
            (PolicyHost.hourly(keeping: 1), "[/a]", "exclude: {no-such-key-as-this: 1}"),
            (PolicyHost.hourly(keeping: 1), "{no-such-key-as-this: 1}", ""),
            ("- {id: s, no-such-key-as-this: 1}", "[/a]", ""),
            ("- {id: s, create: {no-such-key-as-this: 1}, retain: {count: 1}}", "[/a]", ""),
            ("- {id: s, create: {every: 1h}, retain: {no-such-key-as-this: 1}}", "[/a]", ""),
            (
                "- {id: s, create: {every: 1h}, retain: {count: 1}, scripts: {no-such-key-as-this: 1}}", "[/a]", ""
            ),
            (
                "- {id: s, create: {every: 1h}, retain: {count: 1}, variableTags: {a: \"$(no-such-key-as-this)\"}}",
                "[/a]", ""
            ),
        ])
    func policyKeys(schedules: String, targets: String, more: String) async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy("a", schedules, targets: targets, more: more)
        let known = try Self.known(await host.run("policy validate").messages)
        let words = page.words(in: "POLICIES")
        // What a tag's value may name is no key, and written in another way.
        #expect(known.filter { !words.contains($0) && !words.contains("$(\($0))") } == [])
    }

    @Test(
        "each key of a hook document stands in its section",
        arguments: [
            "no-such-key-as-this: 1", "parameters: {a: {no-such-key-as-this: 1}}", "pre: [{no-such-key-as-this: 1}]",
            "hold: {no-such-key-as-this: 1}",
        ])
    func hookKeys(text: String) async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.hooks("a", text) { _ in throw CancellationError() }
        #expect(try missing(in: "HOOKS", of: await host.run("hooks validate").messages) == [])
    }

    @Test(
        "each key of stillpoint.yaml stands in its section",
        arguments: [
            "no-such-key-as-this: 1", "metrics: {no-such-key-as-this: 1}", "events: {no-such-key-as-this: 1}",
            "events: {sinks: [{no-such-key-as-this: 1}]}",
        ])
    func settingKeys(text: String) async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.configure(text)
        #expect(try missing(in: "SETTINGS", of: await host.run("events").messages) == [])
    }

    /// The keys that a reader knows, and that do not stand in a section.
    private func missing(in section: String, of messages: String) throws -> [String] {
        let words = page.words(in: section)
        return try Self.known(messages).filter { !words.contains($0) }
    }

    /// The readers themselves say what they know, when they find a key that is near to nothing.
    private static func known(_ messages: String) throws -> [String] {
        let start = try #require(messages.firstRange(of: "known are "), "\(messages)").upperBound
        return messages[start...].prefix { $0 != "\n" }.split(separator: ", ").map(String.init)
    }
}

/// What the parser tells of the command line, as far as it matters here.
private struct Tool: Decodable {
    struct Command: Decodable {
        var commandName: String
        var aliases: [String]?
        var arguments: [Argument]?
        var subcommands: [Command]?

        /// All that can be called, with the words that lead there.
        func verbs(below path: [String] = []) -> [(path: [String], command: Command)] {
            guard let subcommands else { return [(path: path, command: self)] }
            return subcommands.flatMap { $0.verbs(below: path + [$0.commandName]) }
        }

        /// Its long options.
        var options: [String] {
            (arguments ?? []).flatMap { $0.names ?? [] }.filter { $0.kind == "long" }.map { "--" + $0.name }
        }
    }

    struct Argument: Decodable {
        struct Name: Decodable {
            var kind: String
            var name: String
        }

        /// `nil`: it goes by its place.
        var names: [Name]?
    }

    var command: Command
}

/// The words in bold of a manual page: those that are typed as they are.
private struct ManualPage {
    /// The lines of each section, by its title.
    private var sections: [String: [Substring]] = [:]

    init(_ text: String) {
        var title = ""
        for line in text.split(separator: "\n") {
            if line.hasPrefix(".SH ") { title = String(line.dropFirst(4)) }
            sections[title, default: []].append(line)
        }
    }

    /// What stands in bold in a line, piece by piece.
    private static func bold(_ line: Substring) -> [String] {
        let pieces =
            line.hasPrefix(".B ")
            ? [line.dropFirst(3)] : line.matches(of: /\\fB(.*?)\\f[PRI]/).map { $0.output.1 }
        return pieces.map { String($0.replacing("\\-", with: "-")) }
    }

    private static func words(_ pieces: [String]) -> [String] {
        pieces.flatMap { $0.split(separator: " ").map(String.init) }
    }

    /// Of a section.
    func words(in section: String) -> [String] { (sections[section] ?? []).flatMap { Self.words(Self.bold($0)) } }

    /// Whether a line of the synopsis has the verb that these words lead to.
    ///
    /// - Parameter nouns: those that have verbs: a line that begins with one has no others.
    func hasSynopsis(of path: [String], nouns: [String]) -> Bool {
        (sections["SYNOPSIS"] ?? []).contains { line in
            let words = Self.words(Self.bold(line))
            guard words.count > 1, words[0] == "stillpoint" else { return false }
            let noun = nouns.contains(words[1]) ? [words[1]] : []
            return noun == Array(path.dropLast()) && path.last.map(words.dropFirst(1 + noun.count).contains) == true
        }
    }

    /// Of a section with a list: what begins each entry, and the words of all of it, lists within it included.
    func entries(in section: String) -> [String: [String]] {
        var entries: [String: [String]] = [:]
        var name = ""
        var depth = 0
        var isNext = false
        for line in sections[section] ?? [] {
            let pieces = Self.bold(line)
            switch line {
            case ".RS": depth += 1
            case ".RE": depth -= 1
            case ".TP": isNext = depth == 0
            default:
                if isNext { name = pieces.first ?? "" }
                isNext = false
                entries[name, default: []] += Self.words(pieces)
            }
        }
        return entries
    }
}
