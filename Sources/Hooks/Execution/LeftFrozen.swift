import CLinux
import LinuxSystem
import SystemPackage

/// The file systems that a document's steps may freeze: what they leave so is thawed.
public struct LeftFrozen: Sendable, Equatable, Codable {
    /// One of them.
    public struct System: Sendable, Equatable, Codable {
        /// The superblock's device number, `MAJOR:MINOR`.
        public var device: String
        /// What a person calls it.
        public var label: String

        public init(device: String, label: String) {
            self.device = device
            self.label = label
        }
    }

    /// Those of the set: when the guard was armed nobody had frozen them.
    public var members: [System]
    /// All others of the host. Who froze one of these is not known: they count only when `post` did not do its work.
    public var others: [System] = []
    /// Of the members; their locks are the guard's, as long as there is one.
    public var volumeGroups: [String]
    /// All others of the host.
    public var otherGroups: [String] = []
    /// LVM's `global/locking_dir`.
    public var lockDirectory: String

    public init(
        members: [System], others: [System] = [], volumeGroups: [String] = [], otherGroups: [String] = [],
        lockDirectory: String
    ) {
        self.members = members
        self.others = others
        self.volumeGroups = volumeGroups
        self.otherGroups = otherGroups
        self.lockDirectory = lockDirectory
    }

    /// Every mounted file system of the host that has a device, but for these.
    public static func others(than members: [System]) throws -> [System] {
        var seen = Set(members.map(\.device))
        return try MountSurvey.read().mounts.filter { mount in
            let kind = mount.mount.filesystemType
            // To open one that a program of its own serves may take for ever.
            let isLocal = !mount.mount.device.isAnonymous && !kind.hasPrefix("fuse") || kind == "btrfs"
            return isLocal && seen.insert(mount.mount.device.description).inserted
        }.map { System(device: $0.mount.device.description, label: $0.mount.mountPoint.string) }
    }

    /// Thaws what is frozen. LVM's locks keep its commands away meanwhile: an `lvcreate -s` freezes the origin's file
    /// system itself for a moment, and a thaw in that moment leaves a volume that cannot be mounted until the next boot.
    /// A lock that cannot be had is no reason to leave anything frozen: who holds it may be waiting for just that.
    ///
    /// - Parameters:
    ///   - postFailed: not all that `post` had to do was done.
    ///   - isLocked: the guard holds the locks of the members' volume groups.
    /// - Returns: what was frozen, by name.
    public func thaw(postFailed: Bool, isLocked: Bool = false) -> [String] {
        let groups = (isLocked ? [] : volumeGroups) + (postFailed ? otherGroups : [])
        let end = sp_monotonic_ns() + 10_000_000_000
        return underLocks(groups.sorted()[...], until: end) { thawNow(postFailed) } ?? []
    }

    /// The same, only if LVM's locks can be had at once: then no cut is under way, which holds them, and nothing that a
    /// guard froze is thawed.
    ///
    /// - Returns: `nil` when somebody holds one, and nothing was done.
    func thawIfNobodyCuts(postFailed: Bool) -> [String]? {
        let groups = volumeGroups + (postFailed ? otherGroups : [])
        return underLocks(groups.sorted()[...], until: nil) { thawNow(postFailed) }
    }

    private func thawNow(_ postFailed: Bool) -> [String] {
        let mounts = (try? MountSurvey.read().mounts) ?? []
        return (members + (postFailed ? others : [])).filter { system in
            DeviceNumber(system.device).flatMap { FileSystemFreeze.thaw($0, mountedAt: mounts) } == 0
        }.map(\.label)
    }

    /// Takes LVM's locks, one after the other, and does `body`.
    ///
    /// - Parameter end: until when locks are waited for, by the monotonic clock in nanoseconds; then `body` is done
    ///   without. `nil`: without one that is not free, nothing is done, and this is `nil`.
    private func underLocks(
        _ groups: ArraySlice<String>, until end: UInt64?, _ body: () -> [String]
    ) -> [String]? {
        guard let group = groups.first else { return body() }
        let now = sp_monotonic_ns()
        let patience = end.map { $0 > now ? ($0 - now) / 1_000_000 : 0 }
        let lock = try? VolumeGroupLock.acquire(
            directory: FilePath(lockDirectory), volumeGroup: group, within: patience ?? 0)
        if lock == nil, end == nil { return nil }
        let labels = underLocks(groups.dropFirst(), until: end, body)
        if let lock { lock.release() }
        return labels
    }
}
