import CLinux
public import SystemPackage

/// Whether writing to a place can block on a frozen file system.
public enum MemoryBacked {
    /// True when a directory or file is on tmpfs or ramfs (`f_type` of fstatfs(2); include/uapi/linux/magic.h).
    public static func contains(_ path: FilePath) throws(SystemCallError) -> Bool {
        let descriptor = try naming("open", path) {
            try FileDescriptor.open(
                path, .readOnly, options: FileDescriptor.OpenOptions(rawValue: sp_o_path).union(.closeOnExec))
        }
        defer { try? descriptor.close() }
        let magic = sp_filesystem_magic(descriptor.rawValue)
        guard magic != -1 else { throw SystemCallError("fstatfs", path, .last) }
        return magic == 0x0102_1994 || magic == 0x8584_58f6
    }
}
