import ArgumentParser
import Catalog
import SetModel
import Snapshots

/// `stillpoint catalog`
struct CatalogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "catalog", abstract: "Move the catalog from one kind of store to another.",
        subcommands: [CatalogConvertCommand.self])
}

/// `stillpoint catalog convert sqlite|attributes`
struct CatalogConvertCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "convert", abstract: "Copy everything that the catalog remembers into the other kind of store.",
        discussion: "Then `catalog:` in stillpoint.yaml makes it the one that is used.")

    @Argument(help: "sqlite or attributes.", transform: Self.kind)
    var kind: CatalogKind

    @Sendable
    private static func kind(_ text: String) throws -> CatalogKind {
        guard let kind = CatalogKind(rawValue: text) else { throw ValidationError("Write sqlite or attributes.") }
        return kind
    }

    @OptionGroup var console: ConsoleOptions

    func perform(_ invocation: Invocation) async throws -> Outcome {
        let used = try invocation.configuration().catalog
        let sets = try invocation.convertCatalog(from: used, to: kind)
        return Outcome(ConvertedReport(kind: kind, sets: sets))
    }
}

/// What was copied.
struct ConvertedReport: Report {
    let kind: CatalogKind
    let sets: [String]

    var json: [(key: String, value: JSON)] { [("catalog", .string(kind.rawValue)), ("sets", .strings(sets))] }
    var names: [String] { sets }
    var table: [Line] {
        sets.map { .text("copied \($0)") }
            + [.text("now write `catalog: \(kind.rawValue)` into /etc/stillpoint/stillpoint.yaml")]
    }
}
