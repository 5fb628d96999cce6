public import SystemPackage

/// What is in a directory.
public enum DirectoryListing {
    /// The names in it without `.` and `..`, sorted; opendir(3), readdir(3).
    public static func names(_ path: FilePath) throws(SystemCallError) -> [String] { try SmallFiles.names(path) }
}
