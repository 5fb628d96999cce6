public import SystemPackage

/// Whether the kernel has claimed a block device.
public enum ExclusiveUse {
    /// True when a file system, a device above it or swap holds the device, in whatever namespace: open(2) with O_EXCL
    /// gives EBUSY. With no holder and no mount in sight this tells of a file system that is mounted out of sight
    /// (in a namespace without a process, or detached and still in use).
    ///
    /// For the moment of the call a mount of the device would get EBUSY.
    public static func isClaimed(_ node: FilePath) throws(SystemCallError) -> Bool {
        do {
            let descriptor = try naming("open", node) {
                try FileDescriptor.open(node, .readOnly, options: [.exclusiveCreate, .closeOnExec, .nonBlocking])
            }
            try? descriptor.close()
            return false
        } catch let error where error.errno == .resourceBusy {
            return true
        }
    }
}
