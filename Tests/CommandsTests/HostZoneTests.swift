import Foundation
import SystemPackage
import Testing

@testable import Commands

/// How a host says its time zone.
struct HostZoneTests {
    @Test(
        "the link's name, what it leads to, the file's, or UTC",
        arguments: [
            ("/usr/share/zoneinfo/Europe/Berlin", nil, "Europe/Berlin"),
            ("../usr/share/zoneinfo/America/Argentina/Ushuaia", "Europe/Berlin", "America/Argentina/Ushuaia"),
            ("/usr/share/zoneinfo/posix/Asia/Tokyo", nil, "Asia/Tokyo"), ("/usr/share/zoneinfo/Etc/UTC", nil, "UTC"),
            ("/usr/share/zoneinfo/UTC", nil, "UTC"), (nil, "Europe/Vienna\n", "Europe/Vienna"),
            ("/usr/share/zoneinfo/Stillpoint", "Europe/Vienna\n", "Europe/Vienna"),
            ("/usr/share/zoneinfo/Stillpoint", "CET\n", "UTC"), (nil, nil, "UTC"), ("/nowhere", "none at all", "UTC"),
        ] as [(String?, String?, String)])
    func names(link: String?, file: String?, name: String) throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("stillpoint-\(UUID())")
        let etc = root.appendingPathComponent("etc")
        try FileManager.default.createDirectory(at: etc, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: root) }
        if let link {
            try FileManager.default.createSymbolicLink(
                atPath: etc.appendingPathComponent("localtime").path, withDestinationPath: link)
        }
        try file?.write(to: etc.appendingPathComponent("timezone"), atomically: false, encoding: .utf8)
        #expect(HostZone.name(below: FilePath(root.path)) == name)
    }
}
