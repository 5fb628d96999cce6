import Foundation
import Glibc

/// A program that was run to its end.
struct Output: CustomStringConvertible {
    var command: String
    /// The exit code; 128 and the signal for one that was killed.
    var status: Int32
    var standard: String
    var errors: String

    /// Standard output without blanks and newlines at its ends.
    var text: String { standard.trimmingCharacters(in: .whitespacesAndNewlines) }
    var lines: [String] { standard.split(separator: "\n").map(String.init) }

    func decoded<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: Data(standard.utf8))
    }

    var description: String { "\(command): status \(status)\n\(standard)\(errors)" }
}

/// A program that did not end as it should have.
struct ChildError: Error, CustomStringConvertible {
    var description: String
}

/// A program that runs. Its output goes to files, so nobody has to drain a pipe, and a grandchild that outlives it
/// holds up nothing.
final class Child {
    private static let environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/root"]

    let command: String
    let pid: pid_t
    private let output = Child.file()
    private let errors = Child.file()
    private var ended: Int32?

    init(_ words: [String], environment: [String: String] = [:]) throws {
        command = words.joined(separator: " ")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, errors, 2)
        let variables = Self.environment.merging(environment) { $1 }.map { "\($0)=\($1)" }
        let arguments = words.map { strdup($0) } + [nil]
        let values = variables.map { strdup($0) } + [nil]
        defer { for pointer in arguments + values { free(pointer) } }
        var pid: pid_t = 0
        let code = posix_spawnp(&pid, words[0], &actions, nil, arguments, values)
        guard code == 0 else { throw ChildError(description: "\(command): \(String(cString: strerror(code)))") }
        self.pid = pid
    }

    deinit {
        if ended == nil { kill() }
        close(output)
        close(errors)
    }

    /// Waits until it stops itself at a stop point (`STILLPOINT_STOP_AT`).
    func waitUntilStopped() throws {
        var status: Int32 = 0
        guard waitpid(pid, &status, WUNTRACED) == pid, status & 0xff == 0x7f else {
            ended = status
            throw ChildError(description: "did not reach its stop point: \(result())")
        }
    }

    func resume() { Glibc.kill(pid, SIGCONT) }

    /// SIGKILL, and gone when this returns.
    func kill() {
        Glibc.kill(pid, SIGKILL)
        _ = wait()
    }

    @discardableResult
    func wait() -> Output {
        if ended == nil {
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            ended = status
        }
        return result()
    }

    private func result() -> Output {
        let status = ended ?? 0
        let code = status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + status & 0x7f
        return Output(command: command, status: code, standard: Self.text(output), errors: Self.text(errors))
    }

    private static func file() -> Int32 {
        var template = Array("/tmp/stillpoint-output-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        precondition(descriptor >= 0, "no file in /tmp")
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        unlink(template)
        return descriptor
    }

    private static func text(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: Int(lseek(descriptor, 0, SEEK_END)))
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}

/// Runs a program and returns how it ended, whatever that is.
func attempt(_ words: String..., environment: [String: String] = [:]) throws -> Output {
    try Child(words, environment: environment).wait()
}

/// Runs lines of shell (`sh -eu`), which must succeed, and returns what they printed.
@discardableResult
func shell(_ lines: String) throws -> String {
    let output = try Child(["sh", "-euc", lines]).wait()
    guard output.status == 0 else { throw ChildError(description: "\(output)") }
    return output.text
}
