import Glibc
import SystemPackage

/// Whole small files and directories of /proc and /sys.
enum SmallFiles {
    /// The content of a file; open(2), read(2).
    static func bytes(_ path: FilePath) throws(SystemCallError) -> [UInt8] {
        let descriptor = try naming("open", path) {
            try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
        }
        defer { try? descriptor.close() }
        return try naming("read", path) {
            var content: [UInt8] = []
            // Few, large reads: the kernel lets go of its locks between two reads of a seq_file.
            var buffer = [UInt8](repeating: 0, count: 65536)
            while true {
                let count = try buffer.withUnsafeMutableBytes { try descriptor.read(into: $0) }
                if count == 0 { return content }
                content += buffer[..<count]
            }
        }
    }

    /// The content of a file as text, without the newline at its end.
    static func text(_ path: FilePath) throws(SystemCallError) -> String {
        var content = try bytes(path)[...]
        while content.last == UInt8(ascii: "\n") { content.removeLast() }
        return String(decoding: content, as: UTF8.self)
    }

    /// `nil` for a file that is not there, or whose device or process went away.
    static func textIfPresent(_ path: FilePath) throws(SystemCallError) -> String? {
        do {
            return try text(path)
        } catch let error where error.isVanished {
            return nil
        }
    }

    /// The names in a directory without `.` and `..`, sorted; opendir(3), readdir(3).
    static func names(_ path: FilePath) throws(SystemCallError) -> [String] {
        guard let directory = path.withPlatformString({ opendir($0) }) else {
            throw SystemCallError("opendir", path, .last)
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// ``names(_:)``, empty when the directory is not there.
    static func namesIfPresent(_ path: FilePath) throws(SystemCallError) -> [String] {
        do {
            return try names(path)
        } catch let error where error.isVanished {
            return []
        }
    }

    /// readlink(2), whose answer need not be UTF-8; `nil` when it fails.
    static func link(_ path: FilePath) -> FilePath? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = path.withPlatformString { readlink($0, &buffer, Int(PATH_MAX)) }
        return count < 0 ? nil : FilePath(platformString: buffer)
    }
}

extension SystemCallError {
    /// What reading /proc and /sys gives when the process or device ends meanwhile.
    var isVanished: Bool {
        errno == .noSuchFileOrDirectory || errno == .noSuchProcess || errno == .noSuchAddressOrDevice
            || errno == Errno(rawValue: ENODEV)
    }
}

/// The C variable, which Swift sees through the library only.
func lastErrno() -> CInt { errno }
