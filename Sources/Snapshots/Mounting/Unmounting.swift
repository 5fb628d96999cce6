import DeviceMapper
import FoundationEssentials
import Glibc
import LVM
import LinuxSystem
import SetModel
import SystemPackage

extension LinuxMounter {
    func unmount(_ set: SnapshotSet, _ survey: Survey) async throws -> [String] {
        let found = try await presence(of: set, survey)
        guard !found.isEmpty else {
            removeDirectories(of: set)
            marks.end(set.id)
            return []
        }
        try marks.begin(set.id)
        // Who was told of a failure decides what to do; only a death leaves the mark.
        defer { marks.end(set.id) }
        return try await clear(found)
    }

    /// Takes everything away: mounts, mappings, devices, clones, directories. Nothing is hidden: what is in use stays
    /// where it is, with all that it stands on.
    ///
    /// - Returns: the paths of members that were unmounted.
    @discardableResult
    func clear(_ found: SetPresence) async throws -> [String] {
        try checkUse(found)
        let paths = try unmountAll(found)
        StopPoint.reach("unmount.unmounted")
        let set = found.set
        try closeMappings(SetPresence(set, clones: found.clones, kernel: try FileSystemSurvey.read()))
        StopPoint.reach("unmount.closed")
        try await deactivate(found)
        try await removeClones(found)
        removeDirectories(of: set)
        return paths
    }

    /// Before anything is changed, so that a tree in use stays whole.
    private func checkUse(_ found: SetPresence) throws {
        let name = found.set.name
        if let foreign = found.mounts.first(where: { mount in
            found.member(of: mount) == nil && !found.isTree(mount)
        }) {
            throw SnapshotError(
                .refused,
                "set \(name) is in use: \(foreign.source) is mounted in it at \(foreign.mountPoint); unmount that first"
            )
        }
        if let stray = found.strayMounts.first(where: { $0.process == nil }) {
            throw SnapshotError(
                .refused,
                "set \(name) is in use: a member is also mounted at \(stray.mount.mountPoint); unmount that first")
        }
        // Other namespaces have copies of most mounts: only who uses one of them is in the way.
        let elsewhere = found.strayMounts.reduce(into: [Int32: [FilePath]]()) { places, stray in
            if let process = stray.process { places[process, default: []].append(stray.mount.mountPoint) }
        }
        let users = try OpenFiles.users(below: found.trees.map(\.mountPoint), elsewhere: elsewhere)
        if let first = users.first {
            let names = list(users.prefix(5).map { String(describing: $0) })
            throw SnapshotError(.refused, "set \(name) is in use: \(first.path) is open in \(names)")
        }
    }

    private func unmountAll(_ found: SetPresence) throws -> [String] {
        var done: [String] = []
        for mount in found.mounts.reversed() {
            do {
                try MountCalls.unmount(exactly: mount)
            } catch {
                throw SnapshotError(
                    done.isEmpty ? .refused : .partial, "set \(found.set.name) could not be unmounted: \(error)",
                    causes: done.isEmpty ? [] : ["unmounted already: \(list(done))"])
            }
            if found.member(of: mount) != nil { done.append(mount.mountPoint.string) }
        }
        return done
    }

    /// Removes the mappings of ours above the set's volumes, the uppermost first.
    ///
    /// - Parameter volume: LVM's UUID of the one below; `nil` for all.
    func closeMappings(_ found: SetPresence, of volume: String? = nil) throws {
        for mapping in found.mappings {
            guard let name = mapping.mapperName, name.hasPrefix(SetPresence.mappingPrefix) else {
                throw SnapshotError(
                    .refused, "set \(found.set.name) is in use: \(mapping.node) stands on a member; remove it first")
            }
            guard name.hasPrefix(SetPresence.mappingPrefix + (volume ?? "").undashed) else { continue }
            try Devices.remove(.name(name))
        }
    }

    private func deactivate(_ found: SetPresence) async throws {
        let active = found.set.members.filter { $0.snapshotUUID.map { found.volumes[$0] != nil } ?? false }
        guard !active.isEmpty else { return }
        let commands = try LVMCommand.deactivate(active.map { try $0.tagged(of: found.set) })
        do { try await storage.lvm.run(commands) } catch {
            throw inUse(found, error)
        }
        // LVM passes over what it does not find.
        let now = SetPresence(found.set, clones: [], kernel: try FileSystemSurvey.read()).volumes
        if let left = active.first(where: { $0.snapshotUUID.map { now[$0] != nil } ?? false }) {
            throw SnapshotError(
                .partial, "\(left.snapshot) is unmounted and still active: another LVM command changed it")
        }
    }

    private func removeClones(_ found: SetPresence) async throws {
        guard !found.clones.isEmpty else { return }
        let tag = try MemberTags.clone(of: found.set.id)
        let commands = try LVMCommand.remove(
            found.clones.map { TaggedVolume(group: $0.volumeGroup, uuid: $0.uuid, tag: tag) })
        do { try await storage.lvm.run(commands) } catch { throw inUse(found, error) }
    }

    /// A volume that LVM could not let go of. Mounts in other namespaces cannot be seen from ours.
    private func inUse(_ found: SetPresence, _ error: any Error) -> SnapshotError {
        let hidden = found.strayMounts.compactMap { mount in
            mount.process.map { "\(mount.mount.mountPoint) in the mount namespace of process \($0)" }
        }
        let reason = hidden.first.map { ": a member is mounted at \($0)" } ?? ""
        return SnapshotError(
            .partial, "a volume of set \(found.set.name) is unmounted and still in use" + reason, cause: error)
    }

    private func removeDirectories(of set: SnapshotSet) {
        guard SetName.isValid(set.name) else { return }
        rmdir(treeDirectory.appending(set.name).string)
        let overflow = treeDirectory.appending(".by-volume")
        rmdir(overflow.appending(set.name).string)
        rmdir(overflow.string)
    }

    func clearLeftovers(
        of sets: [SnapshotSet], _ survey: Survey
    ) async -> (removed: [String], problems: [String]) {
        var removed: [String] = []
        var problems: [String] = []
        let marked = marks.left
        let cloned = Set(survey.volumes.compactMap(\.cloneOf))
        for id in Set(marked).union(cloned).sorted() {
            // A clone of a set that is gone is still to be removed.
            let set = sets.first { $0.id == id } ?? .gone(id)
            do {
                let found = try await presence(of: set, survey)
                guard marked.contains(id) || !found.isMounted else { continue }
                try await clear(found)
                marks.end(id)
                removed += found.clones.map(\.fullName)
            } catch {
                problems.append("what is mounted of set \(set.name): \(error.asSnapshotError)")
            }
        }
        return (removed, problems)
    }
}

extension SnapshotSet {
    /// A set that no member is left of.
    fileprivate static func gone(_ id: String) -> SnapshotSet {
        SnapshotSet(id: id, name: id, state: .degraded, createdAt: .distantPast, memberCount: 0, members: [])
    }
}
