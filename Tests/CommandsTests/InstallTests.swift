import Foundation
import Testing

/// `make install` and `make uninstall`, into a folder.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/make"), "needs make"))
final class InstallTests {
    private let directory: URL
    private let checkout = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "stillpoint-install-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: directory.appending(path: "bin"), withIntermediateDirectories: true)
        // In place of the programs, which another test may be building.
        for name in ["stillpoint", "stillpoint-guard"] {
            let file = directory.appending(path: "bin/\(name)").path
            #expect(FileManager.default.createFile(atPath: file, contents: Data(name.utf8)))
            #expect(chmod(file, 0o755) == 0)
        }
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    private var root: String { directory.path + "/root" }

    private func make(_ target: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/make")
        process.arguments = [
            "-C", checkout.path, target, "BIN=\(directory.path)/bin", "DESTDIR=\(root)", "PREFIX=/usr",
        ]
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    /// Below the root; directories end with a slash.
    private func files() throws -> [String] {
        let paths = try FileManager.default.subpathsOfDirectory(atPath: root)
        return paths.filter { path in
            let attributes = try? FileManager.default.attributesOfItem(atPath: root + "/" + path)
            return attributes?[.type] as? FileAttributeType != .typeDirectory
        }
    }

    private func text(_ path: String) throws -> String {
        try String(contentsOfFile: root + "/" + path, encoding: .utf8)
    }

    @Test("everything is below DESTDIR, names PREFIX, and is removed again, with the link of a timer that was enabled")
    func roundTrip() throws {
        try make("install")
        let found = try files()
        for path in [
            "usr/sbin/stillpoint", "usr/sbin/stillpoint-guard", "usr/share/man/man8/stillpoint.8",
            "usr/lib/systemd/system/stillpoint.service", "usr/lib/systemd/system/stillpoint.timer",
            "etc/cron.d/stillpoint",
        ] { #expect(found.contains(path), "\(path): \(found)") }
        #expect(try text("usr/lib/systemd/system/stillpoint.service").contains("ExecStart=/usr/sbin/stillpoint run\n"))
        let timer = try text("usr/lib/systemd/system/stillpoint.timer")
        #expect(timer.contains("Persistent=true") && timer.contains("RandomizedDelaySec="))
        let cron = try text("etc/cron.d/stillpoint")
        #expect(cron.contains("[ -d /run/systemd/system ] || /usr/sbin/stillpoint run --quiet\n"))
        #expect(cron.contains("Where systemd runs this does nothing") && !cron.contains("@PREFIX@"))

        // As `systemctl enable` does.
        let wants = root + "/etc/systemd/system/timers.target.wants"
        try FileManager.default.createDirectory(atPath: wants, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: wants + "/stillpoint.timer", withDestinationPath: "/usr/lib/systemd/system/stillpoint.timer")
        // Settings stay.
        #expect(FileManager.default.createFile(atPath: root + "/etc/stillpoint.yaml", contents: nil))
        try make("uninstall")
        #expect(try files() == ["etc/stillpoint.yaml"])
    }
}
