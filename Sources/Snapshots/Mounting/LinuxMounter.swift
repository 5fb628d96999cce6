import BlockID
import Glibc
import LVM
import LinuxSystem
import SetModel
import SystemPackage

/// ``Mounter`` for LVM thin volumes of this host.
struct LinuxMounter: Mounter {
    let storage: LinuxStorage

    /// Where trees go unless another directory is given.
    var treeDirectory: FilePath { storage.runDirectory.appending("mnt") }
    var marks: ChangeMark { ChangeMark(directory: storage.runDirectory.appending("mounting")) }

    func mounts(of sets: [SnapshotSet]) async throws -> [SnapshotSet.ID: [MountedMember]] {
        let kernel = try FileSystemSurvey.read()
        let sources = Set(kernel.mounts.mounts.map(\.mount.source))
        var found: [SnapshotSet.ID: [MountedMember]] = [:]
        for set in sets where sources.contains(SetPresence.treePrefix + set.id) {
            found[set.id] = try await members(SetPresence(set, clones: [], kernel: kernel))
        }
        return found
    }

    /// What of a set is mounted in its trees.
    private func members(_ presence: SetPresence) async throws -> [MountedMember] {
        var presence = presence
        // What is no member's mount may be a clone's, and LVM knows of those.
        if presence.mounts.contains(where: { presence.member(of: $0) == nil && !presence.isTree($0) }) {
            presence = try await self.presence(of: presence.set)
        }
        let mounted = presence.mounts.compactMap { mount in presence.member(of: mount).map { ($0, mount) } }
        return mounted.sorted { $0.0.index < $1.0.index }.map { member, mount in
            MountedMember(
                volume: member.volume, device: mount.source, path: mount.mountPoint.string,
                filesystem: mount.filesystemType, options: mount.allOptions)
        }
    }

    func mount(
        _ set: SnapshotSet, _ request: MountRequest, _ survey: Survey, progress: any Progress
    ) async throws -> [MountedMember] {
        guard SetName.isValid(set.name) else {
            throw SnapshotError(.refused, "\(set.name.debugDescription) is no name of a set")
        }
        let found = try await presence(of: set, survey)
        guard found.trees.isEmpty else {
            throw SnapshotError(
                .refused,
                "set \(set.name) is mounted at \(list(found.trees.map(\.mountPoint.string)));"
                    + " `stillpoint unmount \(set.name)` ends that")
        }
        let place = try place(of: set, request)
        try marks.begin(set.id)
        do {
            try await clear(found)
            if request.at == nil { try ensure(place) }
            var opener = MemberOpener(storage: storage, set: set, request: request, survey: survey, progress: progress)
            let members = try await opener.open()
            progress.step("mounting set \(set.name)")
            try TreeBuilder(
                set: set, members: members, place: place,
                overflow: treeDirectory.appending(".by-volume").appending(set.name), request: request,
                progress: progress
            ).build()
            StopPoint.reach("mount.built")
        } catch {
            let failure = await undoing(error) { try await clear(try await presence(of: set)) }
            if failure.undoFailures.isEmpty { marks.end(set.id) }
            throw failure
        }
        marks.end(set.id)
        return try await mounts(of: [set])[set.id] ?? []
    }

    private func undoing(_ error: any Error, _ undo: () async throws -> Void) async -> SnapshotError {
        var result = error.asSnapshotError
        do { try await undo() } catch {
            result.undoFailures.append("the mount: \(error.asSnapshotError)")
            result.code = .stillFrozen
        }
        return result
    }

    /// The directory that the tree covers: one of ours, which is made later, or an empty one that somebody made for it.
    private func place(of set: SnapshotSet, _ request: MountRequest) throws -> FilePath {
        guard let at = request.at else { return treeDirectory.appending(set.name) }
        guard let resolved = realpath(at, nil) else {
            throw SnapshotError(.usage, "\(at): \(Errno(rawValue: errno)); --at needs an empty directory")
        }
        defer { free(resolved) }
        let place = FilePath(platformString: resolved)
        guard rmdirWouldWork(place) else {
            throw SnapshotError(.usage, "\(at) is not an empty directory: what is in it would be out of sight")
        }
        return place
    }

    private func rmdirWouldWork(_ path: FilePath) -> Bool {
        guard let stream = opendir(path.string) else { return false }
        defer { closedir(stream) }
        var count = 0
        while readdir(stream) != nil { count += 1 }
        // `.` and `..`
        return count <= 2
    }

    func ensure(_ path: FilePath) throws {
        do { try SafeDirectory.ensure(path) } catch {
            throw SnapshotError(.refused, "the directory for the tree cannot be used", cause: error)
        }
    }
}

extension LinuxStorage {
    /// Mounts through LVM, device-mapper and the kernel's mount calls.
    public var mounter: any Mounter { LinuxMounter(storage: self) }
}

extension Mount {
    /// Of the mount and of the file system, each once.
    var allOptions: String {
        var words: [Substring] = []
        for word in options.split(separator: ",") + superOptions.split(separator: ",") where !words.contains(word) {
            words.append(word)
        }
        return words.joined(separator: ",")
    }
}
