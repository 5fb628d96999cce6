import CLinux
public import SystemPackage

/// The extended attributes of an open file or directory; xattr(7).
public enum ExtendedAttributes {
    /// Makes an attribute or replaces it; fsetxattr(2).
    ///
    /// - Throws: E2BIG, ENOSPC, EDQUOT or ERANGE for what the file system does not hold, EOPNOTSUPP for one without
    ///   such attributes.
    public static func set(_ name: String, to value: [UInt8], of file: FileDescriptor) throws(Errno) {
        let status = value.withUnsafeBytes { sp_attribute_set(file.rawValue, name, $0.baseAddress, $0.count) }
        guard status == 0 else { throw Errno.last }
    }

    /// The value of an attribute, `nil` when there is none; fgetxattr(2).
    public static func value(of name: String, in file: FileDescriptor) throws(Errno) -> [UInt8]? {
        do throws(Errno) {
            return try whole { sp_attribute_get(file.rawValue, name, $0, $1) }
        } catch {
            guard error == .noData else { throw error }
            return nil
        }
    }

    /// The names of the attributes, in the order of the file system; flistxattr(2).
    public static func names(of file: FileDescriptor) throws(Errno) -> [String] {
        let names = try whole { sp_attribute_list(file.rawValue, $0, $1) }
        return names.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Asks for the size and then for the bytes, again when they became more in between.
    private static func whole(_ call: (UnsafeMutableRawPointer?, Int) -> Int) throws(Errno) -> [UInt8] {
        while true {
            let size = call(nil, 0)
            guard size >= 0 else { throw Errno.last }
            if size == 0 { return [] }
            var bytes = [UInt8](repeating: 0, count: size)
            let count = bytes.withUnsafeMutableBytes { call($0.baseAddress, $0.count) }
            if count >= 0 { return Array(bytes[..<count]) }
            let error = Errno.last
            guard error == .outOfRange else { throw error }
        }
    }
}
