import CLinux
public import SystemPackage

/// Block devices that nobody shall write to.
public enum ReadOnlyDevice {
    /// Marks a block device as read-only until it goes away (BLKROSET). File systems then write nothing at all when
    /// they are mounted: an ext4 with deleted files that were open would otherwise, even with `ro,noload`, finish
    /// their deletion (fs/ext4/orphan.c, ext4_orphan_cleanup).
    public static func mark(_ node: FilePath) throws(SystemCallError) {
        let descriptor = try naming("open", node) {
            try FileDescriptor.open(node, .readOnly, options: [.closeOnExec, .nonBlocking])
        }
        defer { try? descriptor.close() }
        guard sp_block_read_only(descriptor.rawValue) == 0 else { throw SystemCallError("BLKROSET", node, .last) }
    }
}
