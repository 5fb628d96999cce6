import LinuxSystem

/// How a member's file system is mounted. Pure.
struct MountOptions: Equatable {
    /// Of the file system.
    var options: [String]
    /// Of the mount.
    var attributes: MountAttributes

    init(type: String, writable: Bool, allowPrograms: Bool) {
        var words = writable ? [] : ["ro"]
        switch type {
        // Its UUID is that of the mounted origin. Even a frozen XFS has a log to recover, which would be a write.
        case "xfs": words += writable ? ["nouuid"] : ["nouuid", "norecovery"]
        // The journal is not replayed: that would be a write. A frozen ext4 has an empty one.
        case "ext3", "ext4": words += writable ? [] : ["noload"]
        default: break
        }
        options = words
        attributes = writable ? [] : .readOnly
        if !allowPrograms { attributes.formUnion([.noSUID, .noDev, .noExec]) }
    }
}
