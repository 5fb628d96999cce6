public import SystemPackage

/// What libblkid does not tell of a btrfs.
public enum BtrfsSuperblock {
    /// How many devices a btrfs has, from the first superblock, at 64 KiB (include/uapi/linux/btrfs_tree.h); `nil`
    /// when none is there.
    public static func deviceCount(_ node: FilePath) throws(BlockProbeError) -> UInt64? {
        do {
            let descriptor = try FileDescriptor.open(node, .readOnly, options: [.closeOnExec])
            defer { try? descriptor.close() }
            var block = [UInt8](repeating: 0, count: 4096)
            let count = try block.withUnsafeMutableBytes { try descriptor.read(fromAbsoluteOffset: 65536, into: $0) }
            guard count == block.count, Array(block[0x40..<0x48]) == Array("_BHRfS_M".utf8) else { return nil }
            return block[0x88..<0x90].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        } catch {
            throw .call(node, error as? Errno ?? .ioError)
        }
    }
}
