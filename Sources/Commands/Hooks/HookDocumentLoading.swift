import Hooks
import SetModel
import Snapshots

/// Documents, with their errors in the one form.
enum HookDocumentLoading {
    static func document(_ name: String, in folder: HookLibrary) throws -> HookDocument {
        do { return try folder.document(named: name) } catch {
            switch error {
            case HookFolderError.badName, HookFolderError.missing:
                throw SnapshotError(.usage, String(describing: error))
            default: throw SnapshotError(.refused, String(describing: error))
            }
        }
    }

    static func names(in folder: HookLibrary) throws -> [String] {
        do { return try folder.names() } catch { throw SnapshotError(.refused, String(describing: error)) }
    }

    /// A command line's remedy for a parameter that is missing.
    static func flag(_ parameter: String) -> String { "give it with --hook-param" }

    /// - Parameter remedy: how a parameter of that name is given, where it is missing.
    static func values(
        _ given: [String: String], for document: HookDocument, remedy: (String) -> String = HookDocumentLoading.flag
    ) throws -> [String: String] {
        do { return try document.values(given) } catch {
            let end = error.isMissing ? ": " + remedy(error.parameter) : ""
            throw SnapshotError(.usage, "\(document.name): \(error)" + end)
        }
    }
}
