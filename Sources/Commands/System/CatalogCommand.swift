import ArgumentParser
import Catalog
import SetModel
import Snapshots
import SystemPackage

/// `stillpoint catalog`
struct CatalogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "catalog", abstract: "Move the catalog from one kind of store to another.",
        subcommands: [CatalogConvertCommand.self])
}

/// `stillpoint catalog convert sqlite|attributes`
struct CatalogConvertCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "convert", abstract: "Move everything that the catalog remembers into the other kind of store.",
        discussion: """
            Copies it, reads it back, writes `catalog:` into stillpoint.yaml, of which all else stays, and gives the old
            store another name. No other command changes the catalog meanwhile.
            """)

    @Argument(help: "sqlite or attributes.", transform: Self.kind)
    var kind: CatalogKind

    @Sendable
    private static func kind(_ text: String) throws -> CatalogKind {
        guard let kind = CatalogKind(rawValue: text) else { throw ValidationError("Write sqlite or attributes.") }
        return kind
    }

    @OptionGroup var console: ConsoleOptions

    func perform(_ invocation: Invocation) async throws -> Outcome {
        // The settings and the state directory may be on what stands still.
        let byHand = try await invocation.service().demandNothingLeft().byHand
        guard byHand.isEmpty else { throw SnapshotError.frozenByHand(byHand) }
        let conversion = try invocation.convertCatalog(to: kind)
        return Outcome(ConvertedReport(conversion: conversion), error: conversion.problem)
    }
}

/// What was moved.
struct ConvertedReport: Report {
    let conversion: CatalogConversion

    var json: [(key: String, value: JSON)] {
        [
            ("catalog", .string(conversion.kind.rawValue)), ("sets", .strings(conversion.sets)),
            ("settings", .string(conversion.settings.string)), ("oldStore", .string(conversion.oldStore?.string)),
        ]
    }
    var names: [String] { conversion.sets }
    var table: [Line] {
        let written = "\(conversion.settings) says `catalog: \(conversion.kind.rawValue)` now"
        let old = conversion.oldStore.map { "the old store is \($0) now; delete it when nobody needs it any more" }
        return conversion.sets.map { .text("copied \($0)") } + [.text(written)] + (old.map { [.text($0)] } ?? [])
    }
}
