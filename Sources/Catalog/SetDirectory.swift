import Glibc
import LinuxSystem
import SetModel
import SystemPackage

/// `sets` in the state directory, open, with one file per set.
///
/// What is in it is reached through its descriptor. Nobody else can put another file under a name, since both
/// directories belong to this user alone.
struct SetDirectory: ~Copyable {
    private static let name = "sets"
    /// What a file is called until it is whole. Such a one that is there without a writer was left by a crash.
    private static let unfinished = ".new-"

    let path: FilePath
    private let descriptor: FileDescriptor

    private init(path: FilePath, descriptor: FileDescriptor) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        // A child that is just being started has it open too, until its exec: closing alone would not let go.
        _ = flock(descriptor.rawValue, LOCK_UN)
        try? descriptor.close()
    }

    /// `nil` when it, or the state directory, is not there. Throws when one of them is not safe to use.
    static func open(in state: FilePath) throws(SnapshotError) -> SetDirectory? {
        guard let parent = try directory(state.string, state) else { return nil }
        defer { try? parent.close() }
        return try open(in: parent, state.appending(name))
    }

    /// Makes both when they are missing.
    static func create(in state: FilePath) throws(SnapshotError) -> SetDirectory {
        // First without a change: nothing waits for a frozen file system in vain.
        if let present = try open(in: state) { return present }
        if mkdir(state.string, 0o700) != 0, errno != EEXIST {
            throw SnapshotError(.failed, "the state directory \(state) cannot be created", cause: lastError())
        }
        guard let parent = try directory(state.string, state) else { throw vanished(state) }
        defer { try? parent.close() }
        try demandAttributes(of: parent, state)
        let path = state.appending(name)
        if mkdirat(parent.rawValue, name, 0o700) != 0, errno != EEXIST {
            throw SnapshotError(.failed, "the directory \(path) cannot be created", cause: lastError())
        }
        try flush(parent, state)
        guard let sets = try open(in: parent, path) else { throw vanished(path) }
        return sets
    }

    private static func open(in parent: FileDescriptor, _ path: FilePath) throws(SnapshotError) -> SetDirectory? {
        guard let descriptor = try directory(name, path, at: parent.rawValue, O_NOFOLLOW) else { return nil }
        let sets = SetDirectory(path: path, descriptor: descriptor)
        try demandAttributes(of: descriptor, path)
        return sets
    }

    /// Waits until no other process or task changes anything in it; until this value ends.
    func lock() throws(SnapshotError) {
        while flock(descriptor.rawValue, LOCK_EX) != 0 {
            let error = lastError()
            guard error == .interrupted else {
                throw SnapshotError(.failed, "the directory \(path) cannot be locked", cause: error)
            }
        }
    }

    /// The ids of the sets that have a file, sorted. Names that begin with `.` are nobody's.
    func ids() throws(SnapshotError) -> [String] {
        let names: [String]
        do throws(SystemCallError) {
            names = try DirectoryListing.names(path)
        } catch {
            throw SnapshotError(.failed, "the directory \(path) cannot be read", cause: error)
        }
        let files = names.filter { !$0.hasPrefix(".") }
        if let stranger = files.first(where: { !SetName.isID($0) }) {
            throw refusal(path.appending(stranger), "is not the file of a set", "move it out of \(path)")
        }
        return files
    }
}

// MARK: Files

extension SetDirectory {
    /// What is in the file of a set, `nil` when it has none.
    func read(_ id: String) throws(SnapshotError) -> AttributeEncoding? {
        let place = path.appending(id)
        var status = stat()
        guard fstatat(descriptor.rawValue, id, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            let error = lastError()
            if error == .noSuchFileOrDirectory { return nil }
            throw SnapshotError(.failed, "\(place) cannot be examined", cause: error)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw refusal(place, "is not a regular file", "move it aside")
        }
        try demandSafe(status, place)
        let raw = openat(descriptor.rawValue, id, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard raw >= 0 else {
            let error = lastError()
            // Another process has just removed the set.
            if error == .noSuchFileOrDirectory { return nil }
            throw SnapshotError(.failed, "\(place) cannot be opened", cause: error)
        }
        let file = FileDescriptor(rawValue: raw)
        defer { try? file.close() }
        do {
            return AttributeEncoding(
                attributes: try SetDirectory.attributes(of: file), content: try SetDirectory.content(of: file))
        } catch {
            throw SnapshotError(.failed, "\(place) cannot be read", cause: error)
        }
    }

    /// Puts a new file in the place of the one that was there: all of it, or nothing.
    func replace(_ id: String, by encoding: AttributeEncoding) throws(SnapshotError) {
        let temporary = SetDirectory.unfinished + id
        _ = unlinkat(descriptor.rawValue, temporary, 0)
        do throws(SnapshotError) {
            try write(encoding, to: temporary)
            guard renameat(descriptor.rawValue, temporary, descriptor.rawValue, id) == 0 else {
                throw SnapshotError(.failed, "\(path.appending(id)) cannot be replaced", cause: lastError())
            }
        } catch {
            _ = unlinkat(descriptor.rawValue, temporary, 0)
            throw error
        }
        try SetDirectory.flush(descriptor, path)
    }

    /// That there is no such file is no error.
    func delete(_ id: String) throws(SnapshotError) {
        _ = unlinkat(descriptor.rawValue, SetDirectory.unfinished + id, 0)
        guard unlinkat(descriptor.rawValue, id, 0) == 0 || errno == ENOENT else {
            throw SnapshotError(.failed, "\(path.appending(id)) cannot be removed", cause: lastError())
        }
        try SetDirectory.flush(descriptor, path)
    }

    private func write(_ encoding: AttributeEncoding, to name: String) throws(SnapshotError) {
        let place = path.appending(name)
        let raw = openat(descriptor.rawValue, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard raw >= 0 else { throw SnapshotError(.failed, "\(place) cannot be created", cause: lastError()) }
        let file = FileDescriptor(rawValue: raw)
        defer { try? file.close() }
        for attribute in encoding.attributes {
            do throws(Errno) {
                try ExtendedAttributes.set(attribute.name, to: attribute.value, of: file)
            } catch {
                throw failure(of: attribute, in: encoding, error)
            }
        }
        do {
            _ = try file.writeAll(encoding.content)
        } catch {
            throw SnapshotError(.failed, "\(place) cannot be written", cause: error)
        }
        try SetDirectory.flush(file, place)
    }

    private static func attributes(of file: FileDescriptor) throws(Errno) -> [AttributeEncoding.Attribute] {
        var attributes: [AttributeEncoding.Attribute] = []
        for name in try ExtendedAttributes.names(of: file) where name.hasPrefix(AttributeEncoding.prefix) {
            guard let value = try ExtendedAttributes.value(of: name, in: file) else { continue }
            attributes.append(AttributeEncoding.Attribute(name: name, value: value))
        }
        return attributes
    }

    private static func content(of file: FileDescriptor) throws -> [UInt8] {
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
            if count == 0 { return content }
            content += buffer[..<count]
        }
    }

    private static func flush(_ file: FileDescriptor, _ path: FilePath) throws(SnapshotError) {
        guard fsync(file.rawValue) == 0 else {
            throw SnapshotError(.failed, "\(path) cannot be flushed to its disk", cause: lastError())
        }
    }
}

// MARK: Refusals

extension SetDirectory {
    /// What to do where attributes have no place.
    private static let remedy = "set `catalog: sqlite` in stillpoint.yaml, or move the state directory"

    /// Known before anything is written: without attributes there is no store.
    private static func demandAttributes(of directory: FileDescriptor, _ path: FilePath) throws(SnapshotError) {
        do throws(Errno) {
            _ = try ExtendedAttributes.value(of: AttributeEncoding.prefix + "version", in: directory)
        } catch {
            if error == .notSupported { throw unsupported(path, error) }
            throw SnapshotError(.failed, "the attributes of \(path) cannot be read", cause: error)
        }
    }

    private static func unsupported(_ path: FilePath, _ error: Errno) -> SnapshotError {
        SnapshotError(
            .refused,
            "the file system of \(path) has no user attributes (tmpfs has them since Linux 6.6): \(remedy)",
            cause: error)
    }

    private func failure(
        of attribute: AttributeEncoding.Attribute, in encoding: AttributeEncoding, _ error: Errno
    ) -> SnapshotError {
        let full: [Errno] = [.noSpace, .argListTooLong, .outOfRange, .diskQuotaExceeded]
        if error == .notSupported { return SetDirectory.unsupported(path, error) }
        guard full.contains(error) else {
            return SnapshotError(.failed, "\(attribute.name) cannot be written in \(path)", cause: error)
        }
        return SnapshotError(
            .failed,
            """
            \(attribute.name) of \(attribute.value.count) bytes cannot be written, all attributes of the set have \
            \(encoding.attributeBytes) bytes: the file system of \(path) is full, or holds no more in the attributes \
            of one file (ext4: about one block, unless made with -O ea_inode; XFS: 64 KiB in each): \
            \(SetDirectory.remedy)
            """, cause: error)
    }

    /// An open directory, `nil` when there is none.
    private static func directory(
        _ name: String, _ path: FilePath, at parent: CInt = AT_FDCWD, _ flags: CInt = 0
    ) throws(SnapshotError) -> FileDescriptor? {
        let raw = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags)
        guard raw >= 0 else {
            let error = lastError()
            if error == .noSuchFileOrDirectory { return nil }
            // ENOTDIR or ELOOP is given for a symbolic link that is not to be followed.
            if error == .notDirectory || error == .tooManySymbolicLinkLevels {
                throw refusal(path, "is not a directory", "move it aside")
            }
            throw SnapshotError(.failed, "the directory \(path) cannot be opened", cause: error)
        }
        let descriptor = FileDescriptor(rawValue: raw)
        do throws(SnapshotError) {
            var status = stat()
            guard fstat(raw, &status) == 0 else {
                throw SnapshotError(.failed, "the directory \(path) cannot be examined", cause: lastError())
            }
            try demandSafe(status, path)
        } catch {
            try? descriptor.close()
            throw error
        }
        return descriptor
    }

    private static func vanished(_ path: FilePath) -> SnapshotError {
        SnapshotError(.failed, "the directory \(path) was removed while it was made: try again")
    }
}
