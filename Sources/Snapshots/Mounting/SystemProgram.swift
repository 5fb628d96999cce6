import Glibc
import SetModel
import Subprocess
import SystemPackage

/// A program of the distribution that does what no library does.
struct SystemProgram: Sendable {
    private static let directories = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"]

    let path: FilePath

    /// - Throws: ``SnapshotError`` that names the package to install.
    init(_ name: String, package: String) throws {
        let candidates = Self.directories.map { FilePath($0).appending(name) }
        guard let found = candidates.first(where: { access($0.string, X_OK) == 0 }) else {
            throw SnapshotError(.refused, "\(name) is not installed; install the package \(package)")
        }
        path = found
    }

    /// Runs it to its end, whatever becomes of the calling task: half of its work would be worse.
    ///
    /// - Throws: ``SnapshotError`` with what it printed, when it fails.
    func run(_ arguments: [String]) async throws {
        let path = path
        let environment: [Environment.Key: String] = ["PATH": Self.directories.joined(separator: ":"), "LC_ALL": "C"]
        let (status, errors) = try await Task {
            let result = try await Subprocess.run(
                .path(path), arguments: Arguments(arguments), environment: .custom(environment), input: .none,
                output: .discarded, error: .string(limit: 65536))
            return (result.terminationStatus, result.standardError)
        }.value
        guard status.isSuccess else {
            let lines = errors.split(whereSeparator: \.isNewline).map(String.init)
            throw SnapshotError(.failed, "\(path) ended with \(status)", causes: lines)
        }
    }
}
