/// One LVM command. Only the builders make one, so that every word of it is one that LVM takes as it was meant.
///
/// Volumes are named `VG/LV`. Builders throw ``LVMError/Code/unexpressible`` for a name or a tag that LVM cannot hold.
public struct LVMCommand: Sendable, Equatable {
    /// The command and its words.
    public let words: [String]
    /// How many volumes its selection means; 0 without one. One that is not there is no error to LVM.
    public let selected: Int

    /// The most volumes that one selection means. It is one word, and LVM's parser has no limit for it (libdm-report.c,
    /// `_parse_or_ex`; 4096 were tried); whoever waits for the VG's lock should not wait for all of them.
    static let selectable = 32

    private init(words: [String], selected: Int = 0) {
        self.words = words
        self.selected = selected
    }

    /// A thin snapshot of a thin volume: two commits of the VG, the origin suspended once (platform: lv_manip.c,
    /// `_lv_create_an_lv`). It stays inactive and carries the skip flag, whatever lvm.conf says. The tags are part of
    /// the commit that creates it; those beyond the word limit follow in commands of their own, one commit each.
    ///
    /// Never while the origin is suspended or its file system is frozen: LVM would then claim success, or fail.
    ///
    /// - Parameter isBackedUp: see ``changeTags(ofEach:adding:removing:isBackedUp:)``.
    public static func snapshot(
        of origin: String, named name: String, tags: [String], readOnly: Bool, isBackedUp: Bool = true
    ) throws(LVMError) -> [LVMCommand] {
        let volume = try VolumeWord(origin)
        let snapshot = try VolumeWord(volume.group + "/" + name)
        // No size: with one LVM would make a thick snapshot of the thin volume.
        let words =
            [
                "lvcreate", "--snapshot", "--yes", "--activate=n", "--setactivationskip=y",
                "--permission=" + (readOnly ? "r" : "rw"), "--name=" + name, volume.word,
            ] + noBackup(unless: isBackedUp)
        let checked = try tags.map(LVMTag.checked)
        let room = LVMWords.limit - words.count
        let first = LVMCommand(words: words + checked.prefix(room).map { "--addtag=" + $0 })
        return [first] + (try changeTags(of: snapshot.word, adding: Array(checked.dropFirst(room))))
    }

    /// Adds and removes tags of a volume that is new and has a name that was drawn for it: one command, and so one commit, for every 60 of them, the first ones of
    /// `removing` and `adding` first. LVM ignores a tag that is there already, or is not there.
    public static func changeTags(
        of volume: String, adding: [String] = [], removing: [String] = []
    ) throws(LVMError) -> [LVMCommand] {
        let base = ["lvchange", "--yes", try VolumeWord(volume).word]
        var options: [String] = []
        for tag in removing { options.append("--deltag=" + (try LVMTag.checked(tag))) }
        for tag in adding { options.append("--addtag=" + (try LVMTag.checked(tag))) }
        let room = LVMWords.limit - base.count
        return stride(from: 0, to: options.count, by: room).map { start in
            LVMCommand(words: base + options[start..<min(start + room, options.count)])
        }
    }

    /// Adds and removes the same tags of each volume: one commit each, one command for 32 of a VG.
    ///
    /// - Parameter isBackedUp: `false` when a command that follows at once archives and backs up the same VG:
    ///   `--autobackup=n` turns off both for this command (tools/lvmcmdline.c, `_get_current_settings`).
    public static func changeTags(
        ofEach volumes: [TaggedVolume], adding: [String], removing: [String], isBackedUp: Bool = true
    ) throws(LVMError) -> [LVMCommand] {
        let base = ["lvchange", "--yes"] + noBackup(unless: isBackedUp)
        // Two words are for the selection.
        let room = LVMWords.limit - base.count - 2
        var options: [String] = []
        for tag in removing { options.append("--deltag=" + (try LVMTag.checked(tag))) }
        for tag in adding { options.append("--addtag=" + (try LVMTag.checked(tag))) }
        var commands: [LVMCommand] = []
        for start in stride(from: 0, to: options.count, by: room) {
            commands += try selecting(volumes, base + options[start..<min(start + room, options.count)])
        }
        return commands
    }

    /// Makes the device of a volume appear, also when it carries the skip flag.
    public static func activate(_ volume: String) throws(LVMError) -> LVMCommand {
        LVMCommand(
            words: ["lvchange", "--yes", "--activate=y", "--ignoreactivationskip", try VolumeWord(volume).word])
    }

    /// Takes the devices of volumes away; fails when one is open. One that is not there is no error.
    public static func deactivate(_ volumes: [TaggedVolume]) throws(LVMError) -> [LVMCommand] {
        try selecting(volumes, ["lvchange", "--yes", "--activate=n"])
    }

    /// Removes volumes that have the UUID and carry the tag, one command for 32 of a VG; a volume that lacks either
    /// stays, and LVM says nothing of it, so look afterwards. LVM removes them in its own order, two commits each; an
    /// active one is deactivated first, an open one makes the command fail.
    public static func remove(_ volumes: [TaggedVolume]) throws(LVMError) -> [LVMCommand] {
        try selecting(volumes, ["lvremove", "--yes"])
    }

    /// By name a command could mean another volume by now: what was renamed keeps its UUID and its tag.
    private static func selecting(
        _ volumes: [TaggedVolume], _ words: [String]
    ) throws(LVMError) -> [LVMCommand] {
        var commands: [LVMCommand] = []
        for group in Set(volumes.map(\.group)).sorted() {
            let word = try VolumeWord.group(group)
            let members = volumes.filter { $0.group == group }
            for start in stride(from: 0, to: members.count, by: selectable) {
                var choices: [String] = []
                for volume in members[start..<min(start + selectable, members.count)] {
                    choices.append(try volume.selection)
                }
                let selection = choices.joined(separator: "||")
                commands.append(LVMCommand(words: words + ["--select=" + selection, word], selected: choices.count))
            }
        }
        return commands
    }

    private static func noBackup(unless isBackedUp: Bool) -> [String] { isBackedUp ? [] : ["--autobackup=n"] }

    /// A report; its words are ours.
    static func report(_ words: [String]) -> LVMCommand { LVMCommand(words: words) }
}

/// A volume that is meant only as long as it carries a tag.
public struct TaggedVolume: Sendable, Equatable {
    public let group: String
    public let uuid: String
    public let tag: String

    /// - Parameter uuid: LVM's, with its dashes.
    public init(group: String, uuid: String, tag: String) {
        self.group = group
        self.uuid = uuid
        self.tag = tag
    }

    /// A criterion of `--select`. No spaces: the whole selection is one word. Braces: the tag is one of the volume's, not
    /// its only one.
    var selection: String {
        get throws(LVMError) {
            guard !uuid.isEmpty, uuid.utf8.allSatisfy(\.isNameByte) else {
                throw LVMError(.unexpressible, "\(uuid.debugDescription) is not the UUID of a volume")
            }
            return "(lv_uuid=\"\(uuid)\"&&lv_tags={\"\(try LVMTag.checked(tag))\"})"
        }
    }
}

/// A volume's name as a word of a command.
struct VolumeWord {
    let group: String
    let name: String
    var word: String { group + "/" + name }

    /// `VG/LV`: letters, digits and `. _ - +`, at most 127 bytes each (lib/misc/lvm-string.c, `validate_name`).
    init(_ volume: String) throws(LVMError) {
        let parts = volume.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy(Self.isName) else {
            throw LVMError(.unexpressible, "\(volume.debugDescription) is not the name of a volume, VG/LV")
        }
        group = String(parts[0])
        name = String(parts[1])
    }

    /// Whether a text is a volume's name.
    static func isVolume(_ text: String) -> Bool { (try? VolumeWord(text)) != nil }

    static func group(_ name: String) throws(LVMError) -> String {
        guard isName(name[...]) else {
            throw LVMError(.unexpressible, "\(name.debugDescription) is not the name of a volume group")
        }
        return name
    }

    private static func isName(_ name: Substring) -> Bool {
        (1...127).contains(name.utf8.count) && !name.hasPrefix("-") && name != "." && name != ".."
            && name.utf8.allSatisfy(\.isNameByte)
    }
}

extension UInt8 {
    /// A letter or digit of ASCII.
    var isAlphanumeric: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    /// A byte that LVM takes in the name of a volume (lib/misc/lvm-string.c, `_validate_name`).
    var isNameByte: Bool { isAlphanumeric || "._-+".utf8.contains(self) }
}
