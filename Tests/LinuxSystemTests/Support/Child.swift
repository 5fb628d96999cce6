import Glibc
import Synchronization
import SystemPackage

@testable import LinuxSystem

/// A program that a test runs. Its standard error goes to its standard output.
final class Child {
    struct Failed: Error, CustomStringConvertible {
        var description: String
    }

    private struct Started {
        var process: pid_t
        var input: FileDescriptor
        var output: FileDescriptor
    }

    /// Held from making pipes to starting the program: Swift's Glibc module lacks pipe2, and a child that another test
    /// starts meanwhile would keep a pipe of this one open.
    private static let spawning = Mutex(())

    let process: pid_t
    private let input: FileDescriptor
    private let output: FileDescriptor
    private var pending: [UInt8] = []
    private var isOver = false

    init(_ program: String, _ arguments: [String]) throws {
        let started = try Self.spawning.withLock { _ in try Self.start(program, arguments) }
        process = started.process
        input = started.input
        output = started.output
    }

    private static func start(_ program: String, _ arguments: [String]) throws -> Started {
        guard let path = find(program) else { throw Failed(description: "\(program) is not installed") }
        let (childInput, input) = try pipe()
        let (output, childOutput) = try pipe()
        defer {
            try? childInput.close()
            try? childOutput.close()
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, childInput.rawValue, 0)
        posix_spawn_file_actions_adddup2(&actions, childOutput.rawValue, 1)
        posix_spawn_file_actions_adddup2(&actions, childOutput.rawValue, 2)
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        var process: pid_t = 0
        let status = posix_spawn(&process, path, &actions, nil, &words, environ)
        guard status == 0 else { throw Failed(description: "\(program): \(Errno(rawValue: status))") }
        return Started(process: process, input: input, output: output)
    }

    deinit { _ = finish() }

    /// The next line of its output; `nil` at the end.
    func line() throws -> String? {
        while true {
            if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                defer { pending.removeFirst(end + 1) }
                return String(decoding: pending[..<end], as: UTF8.self)
            }
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = try buffer.withUnsafeMutableBytes { try output.read(into: $0) }
            if count == 0 { return nil }
            pending += buffer[..<count]
        }
    }

    func write(_ text: String) throws { _ = try input.writeAll(text.utf8) }

    /// Closes its standard input and waits. Returns the wait status, or `nil` when it was waited for before.
    @discardableResult
    func finish() -> Int32? {
        guard !isOver else { return nil }
        isOver = true
        try? input.close()
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        try? output.close()
        return status
    }

    /// Runs a program to its end. Returns its output without the newline at the end.
    @discardableResult
    static func run(_ program: String, _ arguments: String...) throws -> String {
        let child = try Child(program, arguments)
        var lines: [String] = []
        while let line = try child.line() { lines.append(line) }
        lines.append(String(decoding: child.pending, as: UTF8.self))
        let text = lines.filter { !$0.isEmpty }.joined(separator: "\n")
        guard child.finish() == 0 else { throw Failed(description: "\(program) \(arguments): \(text)") }
        return text
    }

    static func find(_ program: String) -> String? {
        ["/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"].map { $0 + program }.first { access($0, X_OK) == 0 }
    }

    private static func pipe() throws -> (read: FileDescriptor, write: FileDescriptor) {
        var ends: [CInt] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else { throw Errno.last }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (FileDescriptor(rawValue: ends[0]), FileDescriptor(rawValue: ends[1]))
    }
}

/// What this host lets a test do.
enum Host {
    static let isRoot = geteuid() == 0
    /// Root with loop devices and the programs that fill them.
    static let hasLoops =
        isRoot && access("/dev/loop-control", R_OK | W_OK) == 0
        && ["losetup", "mkfs.ext4", "unshare"].allSatisfy { Child.find($0) != nil }
    static let needsLoops = "needs root, loop devices, mkfs.ext4 and unshare"

    /// Device-mapper with its thin target, and dmsetup.
    static let hasMapper: Bool = {
        _ = try? Child.run("modprobe", "-q", "dm-thin-pool")
        let targets = try? Child.run("dmsetup", "targets")
        return targets?.split(separator: "\n").contains { $0.hasPrefix("thin-pool") } == true
    }()

    /// The kernel can mount it, and there is a program to make it.
    static func has(_ type: String) -> Bool {
        // A module that is not loaded yet is found when it is asked for.
        _ = try? Child.run("modprobe", "-q", type)
        let known = (try? SmallFiles.text("/proc/filesystems"))?.split(whereSeparator: \.isWhitespace) ?? []
        return known.contains(Substring(type)) && Child.find("mkfs." + type) != nil
    }
}
