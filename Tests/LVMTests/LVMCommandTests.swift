import Testing

@testable import LVM

@Suite("Commands")
struct LVMCommandTests {
    @Test("a snapshot without a size, inactive, with its tags in the same command")
    func snapshot() throws {
        let commands = try LVMCommand.snapshot(of: "vg0/data", named: "data_sp", tags: ["a=1", "b"], readOnly: true)
        #expect(
            commands.map(\.words) == [
                [
                    "lvcreate", "--snapshot", "--yes", "--activate=n", "--setactivationskip=y", "--permission=r",
                    "--name=data_sp", "vg0/data", "--addtag=a=1", "--addtag=b",
                ]
            ])
        let writable = try LVMCommand.snapshot(of: "vg0/data", named: "data_sp", tags: [], readOnly: false)
        #expect(writable.first?.words.contains("--permission=rw") == true)
    }

    @Test("tags beyond the limit of words follow", arguments: [0, 54, 55, 56, 115, 116, 200])
    func manyTags(count: Int) throws {
        let tags = (0..<count).map { "t\($0)" }
        let commands = try LVMCommand.snapshot(of: "vg0/data", named: "s", tags: tags, readOnly: false)
        #expect(commands.flatMap(\.words).filter { $0.hasPrefix("--addtag=") } == tags.map { "--addtag=" + $0 })
        #expect(commands.count == 1 + max(0, count - 55 + 59) / 60)
        for command in commands { _ = try LVMWords.line(command.words) }
        #expect(commands.dropFirst().allSatisfy { $0.words.prefix(3) == ["lvchange", "--yes", "vg0/s"] })
    }

    @Test("a change of tags is one command")
    func changeTags() throws {
        let commands = try LVMCommand.changeTags(of: "vg0/s", adding: ["new"], removing: ["old"])
        #expect(commands.map(\.words) == [["lvchange", "--yes", "vg0/s", "--deltag=old", "--addtag=new"]])
        #expect(try LVMCommand.changeTags(of: "vg0/s").isEmpty)
    }

    @Test("activation")
    func activation() throws {
        #expect(
            try LVMCommand.activate("vg0/s").words == [
                "lvchange", "--yes", "--activate=y", "--ignoreactivationskip", "vg0/s",
            ])
        #expect(try LVMCommand.deactivate("vg0/s").words == ["lvchange", "--yes", "--activate=n", "vg0/s"])
    }

    @Test("removal names UUIDs and a tag")
    func remove() throws {
        let command = try LVMCommand.remove(fromVolumeGroup: "vg0", uuids: ["a-1", "b-2"], tag: "stillpoint.set=x")
        #expect(
            command.words == [
                "lvremove", "--yes",
                "--select=(lv_uuid=\"a-1\"||lv_uuid=\"b-2\")&&lv_tags={\"stillpoint.set=x\"}", "vg0",
            ])
        #expect(try LVMWords.line(command.words).contains("'") == false)
    }

    @Test("removal without a guard is refused")
    func unguarded() {
        #expect(throws: LVMError.self) { try LVMCommand.remove(fromVolumeGroup: "vg0", uuids: [], tag: "t") }
        #expect(throws: LVMError.self) { try LVMCommand.remove(fromVolumeGroup: "vg0", uuids: [""], tag: "t") }
        #expect(throws: LVMError.self) { try LVMCommand.remove(fromVolumeGroup: "vg0", uuids: ["a\"||"], tag: "t") }
        #expect(throws: LVMError.self) { try LVMCommand.remove(fromVolumeGroup: "vg0", uuids: ["a"], tag: "") }
        #expect(throws: LVMError.self) { try LVMCommand.remove(fromVolumeGroup: "vg0", uuids: ["a"], tag: "t\"}") }
        #expect(throws: LVMError.self) { try LVMCommand.remove(fromVolumeGroup: "", uuids: ["a"], tag: "t") }
    }

    @Test(
        "names that LVM cannot have",
        arguments: [
            "", "vg0", "vg0/", "/lv", "vg0/a/b", "-vg/a", "vg0/-a", "vg0/a b", "vg0/ü", "vg0/..", "vg0/a@", "vg0/a#",
            "vg0/" + String(repeating: "a", count: 128),
        ])
    func names(name: String) {
        #expect(throws: LVMError.self) { try LVMCommand.activate(name) }
        #expect(throws: LVMError.self) { try LVMCommand.snapshot(of: name, named: "s", tags: [], readOnly: true) }
    }
}
