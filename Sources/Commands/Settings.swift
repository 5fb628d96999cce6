import SetModel
import SystemPackage

/// Where this host keeps what Stillpoint needs.
struct Settings: Sendable, Equatable {
    var configDirectory: FilePath
    var stateDirectory: FilePath
    var runDirectory: FilePath

    /// The directories of the environment, and the defaults for those that it does not name.
    init(environment: [String: String]) throws(SnapshotError) {
        configDirectory = try Self.directory("STILLPOINT_CONFIG_DIR", "/etc/stillpoint", environment)
        stateDirectory = try Self.directory("STILLPOINT_STATE_DIR", "/var/lib/stillpoint", environment)
        runDirectory = try Self.directory("STILLPOINT_RUN_DIR", "/run/stillpoint", environment)
    }

    private static func directory(
        _ variable: String, _ normal: FilePath, _ environment: [String: String]
    ) throws(SnapshotError) -> FilePath {
        guard let value = environment[variable] else { return normal }
        let path = FilePath(value)
        guard path.isAbsolute, !path.components.contains(where: { $0.kind == .parentDirectory }),
            !Text.hasControlCharacter(value)
        else {
            throw SnapshotError(
                .usage, "\(variable)=\(value) is not an absolute path without '..': unset it or correct it")
        }
        return path.lexicallyNormalized()
    }
}
