import GRDB
import Glibc
import SetModel
import SystemPackage

/// The database file, its directory, and whether both are safe to use.
///
/// The file is examined by its name and never opened here: closing any descriptor of a database drops the locks that
/// SQLite holds on it in this process (fcntl(2)). Nobody else can put another file under the name, since the directory
/// belongs to this user alone.
struct CatalogFile: Sendable {
    let directory: FilePath
    let path: FilePath

    init(directory: FilePath) {
        self.directory = directory
        self.path = directory.appending("catalog.sqlite")
    }

    /// The file's size, `nil` when there is none. Throws when the directory or the file is not safe to use.
    func size() throws(SnapshotError) -> Int64? {
        guard let place = try Self.status(of: directory, followingLinks: true) else { return nil }
        guard place.st_mode & S_IFMT == S_IFDIR else {
            throw refusal(directory, "is not a directory", "move it aside")
        }
        try demandSafe(place, directory)
        guard let file = try Self.status(of: path, followingLinks: false) else { return nil }
        guard file.st_mode & S_IFMT == S_IFREG else {
            throw refusal(path, "is not a regular file", "move it aside; a new catalog is made when it is needed")
        }
        try demandSafe(file, path)
        return Int64(file.st_size)
    }

    func createDirectory() throws(SnapshotError) {
        if mkdir(directory.string, 0o700) != 0, errno != EEXIST {
            throw SnapshotError(.failed, "the state directory \(directory) cannot be created", cause: lastError())
        }
        _ = try size()
    }

    /// Creates an empty file. mknod(2) does it without opening it.
    func create() throws(SnapshotError) {
        if mknod(path.string, S_IFREG | 0o600, 0) != 0, errno != EEXIST {
            throw SnapshotError(.failed, "the catalog \(path) cannot be created", cause: lastError())
        }
    }

    /// Waits until no other process creates or migrates the catalog in this directory.
    func lock() throws(SnapshotError) -> DirectoryLock {
        let descriptor = open(directory.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw SnapshotError(.failed, "the state directory \(directory) cannot be opened", cause: lastError())
        }
        let lock = DirectoryLock(descriptor: descriptor)
        while flock(descriptor, LOCK_EX) != 0 {
            let error = lastError()
            guard error == .interrupted else {
                lock.release()
                throw SnapshotError(.failed, "the state directory \(directory) cannot be locked", cause: error)
            }
        }
        return lock
    }

    private static func status(of path: FilePath, followingLinks: Bool) throws(SnapshotError) -> stat? {
        var status = stat()
        guard fstatat(AT_FDCWD, path.string, &status, followingLinks ? 0 : AT_SYMLINK_NOFOLLOW) != 0 else {
            return status
        }
        let error = lastError()
        if error == .noSuchFileOrDirectory { return nil }
        throw SnapshotError(.refused, "\(path) cannot be examined", cause: error)
    }
}

/// Held while a catalog is created or migrated.
struct DirectoryLock {
    fileprivate let descriptor: CInt

    func release() { _ = close(descriptor) }
}

extension CatalogFile {
    /// Runs `body` and turns what GRDB throws into the one error that names the file and what to do.
    func refusing<Value>(_ body: () throws -> Value) throws(SnapshotError) -> Value {
        do {
            return try body()
        } catch let error as SnapshotError {
            throw error
        } catch let error as DatabaseError {
            throw translate(error)
        } catch {
            throw damaged(cause: String(describing: error))
        }
    }

    /// The file cannot be trusted. Its `-wal` belongs to it: left behind, it would be taken for a new one's.
    func damaged(cause: String) -> SnapshotError {
        var error = refusal(
            path, "is damaged or not a Stillpoint catalog",
            "move \(path)* aside and run `stillpoint reindex`; sets are found by their LVM tags, only measured times are lost"
        )
        error.causes = [cause]
        return error
    }

    private func translate(_ error: DatabaseError) -> SnapshotError {
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            SnapshotError(.busy, "the catalog \(path) is in use by another run: try again", cause: error)
        case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_NOMEM:
            SnapshotError(.failed, "the catalog \(path) cannot be read or written", cause: error)
        case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
            SnapshotError(
                .refused, "the catalog \(path) cannot be opened: make it and \(directory) writable for this user",
                cause: error)
        default:
            damaged(cause: String(describing: error))
        }
    }
}
