import Catalog
import SetModel
import SystemPackage

/// The catalog in another kind of store, and what became of the old one.
struct CatalogConversion: Sendable {
    let kind: CatalogKind
    /// Names of the sets, oldest first.
    let sets: [String]
    /// The file that says which kind is used.
    let settings: FilePath
    /// Where the old store is now; `nil`: there was none, or it is where it was.
    let oldStore: FilePath?
    /// What was left undone.
    let problem: SnapshotError?

    /// Copies, says so in stillpoint.yaml, and moves the old store aside. The run lock is held.
    ///
    /// After a death before the file is written all is as before; after it, the old store is left, and nothing reads it.
    init(to kind: CatalogKind, _ settings: Settings) throws {
        let used = try HostConfiguration.of(settings).catalog
        let setting = try CatalogSetting(kind, in: settings.configDirectory)
        self.kind = kind
        self.settings = setting.file
        sets = try used.convert(to: kind, directory: settings.stateDirectory)
        try setting.write()
        do {
            oldStore = try used.moveAside(in: settings.stateDirectory)
            problem = nil
        } catch {
            oldStore = nil
            problem = SnapshotError(
                .partial, "the catalog is moved, and the old store is still there: move it away", cause: error)
        }
    }
}
