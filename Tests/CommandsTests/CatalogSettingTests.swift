import Catalog
import Foundation
import SetModel
import SystemPackage
import Testing

@testable import Commands

/// What `catalog convert` writes into stillpoint.yaml.
struct CatalogSettingTests {
    @Test(
        "one line changes, or is added",
        arguments: [
            ("", "catalog: attributes\n"), ("orphans: keep", "orphans: keep\ncatalog: attributes\n"),
            ("orphans: keep\n", "orphans: keep\ncatalog: attributes\n"),
            (
                "# catalog: here\ncatalog:   sqlite # why\norphans: keep\n",
                "# catalog: here\ncatalog: attributes # why\norphans: keep\n"
            ),
            ("catalog: \"sqlite\"\r\norphans: keep\r\n", "catalog: attributes\r\norphans: keep\r\n"),
            ("# nothing\n", "# nothing\ncatalog: attributes\n"),
        ])
    func text(before: String, after: String) {
        #expect(CatalogSetting.text(before, naming: .attributes) == after)
    }

    @Test("the file keeps its mode, and is made when it is not there")
    func file() throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        let directory = host.directory.appending("etc")
        let path = directory.string + "/stillpoint.yaml"
        try CatalogSetting(.attributes, in: directory).write()
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "catalog: attributes\n")
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o7777 == 0o644)
        try host.configure("# mine\ncatalog: attributes\norphans: keep\n")
        #expect(chmod(path, 0o640) == 0)
        try CatalogSetting(.sqlite, in: directory).write()
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "# mine\ncatalog: sqlite\norphans: keep\n")
        #expect(stat(path, &status) == 0 && status.st_mode & 0o7777 == 0o640)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.string).count == 2)
    }

    @Test(
        "what cannot be changed safely is refused before anything is converted",
        arguments: ["link", "group", "flow", "quoted", "twice"])
    func refused(what: String) async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        let path = host.directory.string + "/etc/stillpoint.yaml"
        switch what {
        case "link":
            try host.configure("orphans: keep\n")
            #expect(rename(path, path + ".real") == 0 && symlink("stillpoint.yaml.real", path) == 0)
        case "group":
            try host.configure("orphans: keep\n")
            #expect(chmod(path, 0o664) == 0)
        case "flow": try host.configure("{catalog: sqlite}\n")
        case "quoted": try host.configure("'catalog': sqlite\n")
        default: try host.configure("catalog: sqlite\ncatalog: sqlite\n")
        }
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        let run = await host.run("catalog convert attributes")
        #expect(run.code == .refused && run.messages.contains("stillpoint.yaml"), "\(run)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
        #expect(!FileManager.default.fileExists(atPath: host.directory.string + "/state/sets"))
    }
}
