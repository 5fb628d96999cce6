import FoundationEssentials
import Glibc
import LVM
import Lifecycle
import LinuxSystem
import SetModel
import Snapshots
import SystemPackage

/// Everything that a command takes from its surroundings. Tests bring their own.
struct Context: Sendable {
    /// Makes what does the work. Called once, after everything about the command line was found in order.
    typealias MakeService = @Sendable (Settings) throws -> any SnapshotService

    var environment: [String: String]
    var workingDirectory: FilePath
    var isRoot: Bool
    var output: any TextSink
    var messages: any TextSink
    var makeService: MakeService
    /// Where the hook documents are that came with the program.
    var installedHooks: FilePath? = nil
    var now: @Sendable () -> Date = { Date() }
    /// What is to be held against `now`; `nil`: it is believed.
    var readClocks: @Sendable (_ now: Date) -> ClockReading? = { _ in nil }
    /// A line of what a person types, `nil` at its end.
    var readLine: @Sendable () -> String? = { Swift.readLine() }
    /// Somebody sits at a terminal, and can be asked.
    var isAttended = false
    /// The name of the host's time zone.
    var timeZone: @Sendable () -> String = { HostZone.name() }

    /// This process.
    static func live(_ worker: WorkerProcess) -> Context {
        Context(
            environment: processEnvironment(), workingDirectory: currentDirectory(), isRoot: geteuid() == 0,
            output: DescriptorSink(.standardOutput), messages: DescriptorSink(.standardError),
            makeService: { try liveService($0, worker) }, installedHooks: installedHooks(), readClocks: clocks,
            isAttended: isatty(STDIN_FILENO) == 1)
    }

    private static func clocks(_ now: Date) -> ClockReading? {
        guard let boot = try? Processes.bootID() else { return nil }
        return ClockReading(
            wall: now, boot: boot, sinceBoot: SystemClock.sinceBoot(), isSynchronized: SystemClock.isSynchronized())
    }

    /// `share/stillpoint/hooks.d` beside the directory that the program lies in (`sbin`).
    private static func installedHooks() -> FilePath? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        guard readlink("/proc/self/exe", &buffer, Int(PATH_MAX)) > 0 else { return nil }
        return FilePath(platformString: buffer).removingLastComponent().removingLastComponent()
            .appending("share").appending("stillpoint").appending("hooks.d")
    }

    private static func processEnvironment() -> [String: String] {
        var values: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let pair = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { values[String(pair[0])] = String(pair[1]) }
            entry += 1
        }
        return values
    }

    /// The root directory when the current one was removed.
    private static func currentDirectory() -> FilePath {
        guard let text = getcwd(nil, 0) else { return "/" }
        defer { free(text) }
        return FilePath(platformString: text)
    }
}
