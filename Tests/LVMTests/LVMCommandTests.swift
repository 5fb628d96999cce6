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
        #expect(writable.first?.words.contains("--autobackup=n") == false)
        let inner = try LVMCommand.snapshot(
            of: "vg0/data", named: "s", tags: (0..<55).map { "t\($0)" }, readOnly: false, isBackedUp: false)
        #expect(inner.map { $0.words.contains("--autobackup=n") } == [true, false])
        for command in inner { _ = try LVMWords.line(command.words) }
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
        #expect(
            try LVMCommand.deactivate([TaggedVolume(group: "vg0", uuid: "a-1", tag: "t")]).map(\.words) == [
                ["lvchange", "--yes", "--activate=n", "--select=(lv_uuid=\"a-1\"&&lv_tags={\"t\"})", "vg0"]
            ])
        #expect(try LVMCommand.deactivate([]) == [])
    }

    @Test("the same tags of many volumes: by UUID and tag, 32 in a command, each VG by itself")
    func tagsOfEach() throws {
        let volumes = (1...70).map { TaggedVolume(group: $0 > 68 ? "vg1" : "vg0", uuid: "u-\($0)", tag: "t\($0)") }
        let commands = try LVMCommand.changeTags(ofEach: volumes, adding: ["a"], removing: ["b", "c"])
        let words = ["lvchange", "--yes", "--deltag=b", "--deltag=c", "--addtag=a"]
        #expect(commands.map { Array($0.words.prefix(5)) } == Array(repeating: words, count: 4))
        #expect(commands.map { $0.words.last } == ["vg0", "vg0", "vg0", "vg1"])
        #expect(commands.map(\.selected) == [32, 32, 4, 2])
        #expect(commands.allSatisfy { $0.words.count == 7 })
        #expect(
            commands[3].words[5]
                == "--select=(lv_uuid=\"u-69\"&&lv_tags={\"t69\"})||(lv_uuid=\"u-70\"&&lv_tags={\"t70\"})")
        #expect(try LVMCommand.changeTags(ofEach: [], adding: ["a"], removing: []) == [])
        #expect(try LVMCommand.changeTags(ofEach: volumes, adding: [], removing: []) == [])
        let wrong = TaggedVolume(group: "vg0", uuid: "", tag: "t")
        #expect(throws: LVMError.self) { try LVMCommand.changeTags(ofEach: [wrong], adding: ["a"], removing: []) }
    }

    @Test("many tags of one volume are as few commands as there is room for", arguments: [1, 58, 59, 60, 118, 119])
    func manyTagsOfOne(count: Int) throws {
        let volume = TaggedVolume(group: "vg0", uuid: "a-1", tag: "t")
        let tags = (0..<count).map { "t\($0)" }
        for isBackedUp in [true, false] {
            let commands = try LVMCommand.changeTags(
                ofEach: [volume], adding: tags, removing: [], isBackedUp: isBackedUp)
            let room = isBackedUp ? 59 : 58
            #expect(commands.count == (count + room - 1) / room)
            #expect(commands.flatMap(\.words).filter { $0.hasPrefix("--addtag=") } == tags.map { "--addtag=" + $0 })
            for command in commands {
                _ = try LVMWords.line(command.words)
                #expect(command.words.contains("--autobackup=n") == !isBackedUp)
            }
        }
    }

    @Test("removal names the UUID and the tag of each volume, 32 in a command, each VG by itself")
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
        let many = (1...65).map { TaggedVolume(group: "vg0", uuid: "u\($0)", tag: "t") }
        #expect(try LVMCommand.remove(many).map { $0.words[2].split(separator: "lv_uuid").count - 1 } == [32, 32, 1])
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
