import Foundation
import Glibc
import LinuxSystem
import SystemPackage
import TestSupport
import Testing

@testable import LVM

/// A volume group on a loop device that only a private lvm.conf sees. LVM runs with `activation = 0`, and so without
/// device-mapper: all of LVM's metadata is real, none of its devices.
final class LoopStorage {
    static let group = "sptest"
    /// What the tests start as a worker.
    static let worker = Built.stillpoint.map { FilePath($0) }

    static let isAvailable =
        geteuid() == 0 && access("/dev/loop-control", R_OK | W_OK) == 0 && worker != nil
        && (try? shell("losetup -f")) != nil

    let directory: FilePath
    let device: String
    let client: LVMClient
    var lockingDirectory: FilePath { directory.appending("lock") }

    init(volumes: [String] = ["a", "b", "c"]) async throws {
        var template = Array("/tmp/stillpoint-lvm-XXXXXX".utf8CString)
        directory = FilePath(String(cString: try #require(mkdtemp(&template))))
        let image = directory.appending("disk").string
        device = try shell("truncate -s 256M \(image) && losetup -f --show \(image)")
        client = try Self.newClient(directory)
        let settings = """
            devices {
                use_devicesfile = 0
                filter = [ "a|^\(device)$|", "r|.*|" ]
                global_filter = [ "a|^\(device)$|", "r|.*|" ]
            }
            global {
                activation = 0
                locking_dir = "\(directory)/lock"
            }
            """
        try settings.write(toFile: directory.appending("lvm.conf").string, atomically: true, encoding: .utf8)
        var commands = [["pvcreate", "--yes", device], ["vgcreate", Self.group, device]]
        for name in volumes {
            commands.append(["lvcreate", "--yes", "-an", "-Zn", "-Wn", "-L4M", "--name=" + name, Self.group])
        }
        try await run(commands)
    }

    deinit {
        _ = try? shell("losetup -d \(device); rm -rf \(directory)")
    }

    /// Any commands, in one worker.
    @discardableResult
    func run(_ commands: [[String]]) async throws -> [LVMResult] {
        try await client.run(commands.map(LVMCommand.report))
    }

    /// Another worker's.
    func newClient(timeLimit: Duration = .seconds(600)) throws -> LVMClient {
        try Self.newClient(directory, timeLimit: timeLimit)
    }

    private static func newClient(_ directory: FilePath, timeLimit: Duration = .seconds(600)) throws -> LVMClient {
        LVMClient(
            worker: WorkerProcess(executable: try #require(worker), systemDirectory: directory), timeLimit: timeLimit)
    }

    /// LVM's lock of the group.
    func lock() throws -> VolumeGroupLock {
        try VolumeGroupLock.acquire(directory: lockingDirectory, volumeGroup: Self.group, auxiliary: true)
    }

    /// Who holds that lock, and who waits for it.
    var locks: FileLocks { FileLocks(path: lockingDirectory.appending("V_" + Self.group)) }

    func name(_ volume: String) -> String { Self.group + "/" + volume }

    /// Names of the volumes, tags in brackets behind.
    func listing() async throws -> [String] {
        try await client.report().volumes.map { $0.tags.isEmpty ? $0.name : "\($0.name) \($0.tags)" }
    }

    func uuid(_ volume: String) async throws -> String {
        try #require(try await client.report().volume(named: name(volume))).uuid
    }
}

/// Runs a line of shell and returns what it printed, without the last newline.
@discardableResult
func shell(_ line: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", line]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Errno(rawValue: process.terminationStatus) }
    return String(decoding: output, as: UTF8.self).trimmingCharacters(in: .newlines)
}
