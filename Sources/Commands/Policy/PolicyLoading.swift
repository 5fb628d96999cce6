import Lifecycle
import Policies
import SetModel

/// Policies, with their errors in the one form.
enum PolicyLoading {
    static func all(_ folder: PolicyFolder) throws -> (entries: [PolicyFolder.Entry], problems: [String]) {
        do { return try folder.read() } catch { throw SnapshotError(.refused, String(describing: error)) }
    }

    /// The policies with these ids; all when there are none. What is wrong with other files does not matter to them.
    static func entries(_ ids: [String], in folder: PolicyFolder) throws -> [PolicyFolder.Entry] {
        let (entries, problems) = try all(folder)
        if ids.isEmpty {
            if let error = SnapshotError(problems: problems) { throw error }
            return entries
        }
        return try ids.map { try entry($0, of: entries, problems, in: folder) }
    }

    /// The one with that id, of those that ``all(_:)`` found.
    static func entry(
        _ id: String, of entries: [PolicyFolder.Entry], _ problems: [String], in folder: PolicyFolder
    ) throws -> PolicyFolder.Entry {
        guard let entry = entries.first(where: { $0.policy.id == id }) else {
            throw SnapshotError(
                .usage, "there is no policy \(id) in \(folder.path); `stillpoint policy list` shows what there is",
                causes: problems)
        }
        return entry
    }
}
