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

    @Test("the same tags of many volumes: as few commands as there is room for")
    func tagsOfEach() throws {
        let names = (1...130).map { "vg0/s\($0)" }
        let commands = try LVMCommand.changeTags(ofEach: names, adding: ["a"], removing: ["b", "c"])
        #expect(
            commands.map { Array($0.words.prefix(5)) }
                == Array(
                    repeating: ["lvchange", "--yes", "--deltag=b", "--deltag=c", "--addtag=a"], count: 3))
        #expect(commands.flatMap { $0.words.dropFirst(5) } == names)
        #expect(commands.allSatisfy { $0.words.count <= LVMWords.limit })
        #expect(try LVMCommand.changeTags(ofEach: [], adding: ["a"], removing: []) == [])
        #expect(throws: LVMError.self) { try LVMCommand.changeTags(ofEach: ["vg0"], adding: ["a"], removing: []) }
    }

    @Test("removal names the UUID and the tag of each volume, eight in a command, each VG by itself")
    func remove() throws {
        let commands = try LVMCommand.remove([
            TaggedVolume(group: "vg1", uuid: "c-3", tag: "stillpoint.set=x"),
            TaggedVolume(group: "vg0", uuid: "a-1", tag: "stillpoint.set=x"),
            TaggedVolume(group: "vg0", uuid: "b-2", tag: "stillpoint.set=y"),
        ])
        #expect(
            commands.map(\.words) == [
                [
                    "lvremove", "--yes",
                    "--select=(lv_uuid=\"a-1\"&&lv_tags={\"stillpoint.set=x\"})"
                        + "||(lv_uuid=\"b-2\"&&lv_tags={\"stillpoint.set=y\"})", "vg0",
                ],
                ["lvremove", "--yes", "--select=(lv_uuid=\"c-3\"&&lv_tags={\"stillpoint.set=x\"})", "vg1"],
            ])
        for command in commands { #expect(try LVMWords.line(command.words).contains("'") == false) }
        let many = (1...17).map { TaggedVolume(group: "vg0", uuid: "u\($0)", tag: "t") }
        #expect(try LVMCommand.remove(many).map { $0.words[2].split(separator: "lv_uuid").count - 1 } == [8, 8, 1])
        #expect(try LVMCommand.remove([]) == [])
    }

    @Test(
        "removal without a guard is refused",
        arguments: [("vg0", "", "t"), ("vg0", "a\"||", "t"), ("vg0", "a", ""), ("vg0", "a", "t\"}"), ("", "a", "t")])
    func unguarded(group: String, uuid: String, tag: String) {
        #expect(throws: LVMError.self) { try LVMCommand.remove([TaggedVolume(group: group, uuid: uuid, tag: tag)]) }
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
