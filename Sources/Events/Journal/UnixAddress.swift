import Glibc
import LinuxSystem
import SystemPackage

/// The address of a Unix socket in the file system.
struct UnixAddress {
    private var address = sockaddr_un()

    /// - Throws: ENAMETOOLONG: such a path has to be short (unix(7)).
    init(_ path: FilePath) throws(SystemCallError) {
        let bytes = Array(path.string.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw SystemCallError("connect", path, Errno(rawValue: ENAMETOOLONG))
        }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    }

    func with<Value>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Value) -> Value {
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
