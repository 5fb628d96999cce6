import Foundation
import Glibc
import Testing

/// A volume group with a thin pool on a disk of the lab, directories of its own, and the way back.
///
/// Everything is undone when the body of ``run(firstDisk:disks:metadataMiB:_:)`` ends, last in first out; what cannot be
/// undone fails the test, because the next one would stumble over it. The empty pool is kept for the next test.
final class ThinLab {
    let group: String
    let disks: [String]
    var pool: String { group + "/pool" }
    /// For mount points and files; on tmpfs.
    let directory: String
    var runDirectory: String { directory + "/run" }
    private var undo: [(what: String, step: () throws -> Void)] = []

    /// Volume groups with nothing but an empty pool, by their disks. The tests run one after the other.
    nonisolated(unsafe) private static var kept: [[String]: (group: String, metadataMiB: Int)] = [:]

    private init(disks: [String], metadataMiB: Int) throws {
        self.disks = disks
        var template = Array("/run/stillpoint-lab-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw ChildError(description: "no directory in /run") }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if let kept = Self.kept.removeValue(forKey: disks) {
            guard kept.metadataMiB != metadataMiB else {
                group = kept.group
                return
            }
            try Self.removeGroup(kept.group, disks)
        }
        group = "lab" + directory.suffix(4)
        try makePool(metadataMiB)
    }

    /// - Parameter first: the first disk of the lab to take.
    static func run(
        firstDisk first: Int = 0, disks count: Int = 1, metadataMiB: Int = 16,
        _ body: (ThinLab) async throws -> Void
    ) async throws {
        try #require(Lab.disks.count >= first + count, "the lab has \(Lab.disks.count) disks")
        let lab = try ThinLab(disks: Array(Lab.disks[first..<first + count]), metadataMiB: metadataMiB)
        // After a failure too: the next test would stumble over a group that nobody knows.
        defer { if lab.tearDown() { kept[lab.disks] = (lab.group, metadataMiB) } }
        try await body(lab)
    }

    /// A step of the way back.
    func atEnd(_ what: String, _ step: @escaping () throws -> Void) { undo.append((what, step)) }

    // MARK: Volumes

    /// Makes a thin volume; the path of its device.
    @discardableResult
    func volume(_ name: String, megabytes: Int = 300) throws -> String {
        try shell("lvcreate -qq --yes --virtualsize \(megabytes)M --thinpool \(pool) --name '\(name)'")
        return "/dev/\(group)/\(name)"
    }

    /// Makes a file system (`mkfs.TYPE`).
    func format(_ device: String, _ type: String) throws {
        let force = ["xfs", "btrfs"].contains(type) ? "-f" : type == "ext4" ? "-F" : ""
        try shell("mkfs.\(type) \(force) '\(device)'")
    }

    /// Mounts at a path below ``directory`` until the end; returns the mount point.
    @discardableResult
    func mount(_ device: String, at name: String, options: String = "defaults") throws -> String {
        let path = directory + "/" + name
        try shell("mkdir -p '\(path)' && mount -o '\(options)' '\(device)' '\(path)'")
        atEnd("unmount \(path)") { try shell("umount '\(path)'") }
        return path
    }

    /// ``volume(_:megabytes:)``, ``format(_:_:)`` and ``mount(_:at:options:)``.
    @discardableResult
    func fileSystem(_ name: String, _ type: String, at path: String, megabytes: Int = 300) throws -> String {
        let device = try volume(name, megabytes: megabytes)
        try format(device, type)
        return try mount(device, at: path)
    }

    // MARK: The program

    private var environment: [String: String] {
        [
            "STILLPOINT_RUN_DIR": runDirectory, "STILLPOINT_STATE_DIR": directory + "/state",
            "STILLPOINT_CONFIG_DIR": directory + "/etc",
        ]
    }

    /// Writes a hook document.
    func hook(_ name: String, _ text: String, ending: String = "yaml") throws {
        try shell("mkdir -p '\(directory)/etc/hooks.d'; chmod 755 '\(directory)/etc' '\(directory)/etc/hooks.d'")
        let file = "\(directory)/etc/hooks.d/\(name).\(ending)"
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        try shell("chmod 644 '\(file)'")
    }

    /// Writes a policy.
    func policy(_ id: String, _ text: String) throws {
        try shell("mkdir -p '\(directory)/etc/policies.d'; chmod 755 '\(directory)/etc' '\(directory)/etc/policies.d'")
        let file = "\(directory)/etc/policies.d/\(id).yaml"
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        try shell("chmod 644 '\(file)'")
    }

    /// Writes stillpoint.yaml.
    func configure(_ text: String) throws {
        try shell("mkdir -p '\(directory)/etc'; chmod 755 '\(directory)/etc'")
        let file = "\(directory)/etc/stillpoint.yaml"
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        try shell("chmod 644 '\(file)'")
    }

    /// A hook document of the project.
    func installHook(_ name: String) throws { try hook(name, try contents("hooks/" + name + ".yaml")) }

    /// Runs `stillpoint`, whatever comes of it.
    @discardableResult
    func stillpoint(_ words: String...) throws -> Output { try stillpoint(words) }

    @discardableResult
    func stillpoint(_ words: [String]) throws -> Output {
        try Child([Lab.stillpoint] + words, environment: environment).wait()
    }

    /// Runs `stillpoint`, which must succeed.
    @discardableResult
    func succeed(_ words: String...) throws -> Output { try succeed(words) }

    /// - Parameter program: `stillpoint`, perhaps a copy of it.
    @discardableResult
    func succeed(_ words: [String], program: String = Lab.stillpoint) throws -> Output {
        let output = try Child([program] + words, environment: environment).wait()
        guard output.status == 0 else { throw ChildError(description: "\(output)") }
        return output
    }

    /// Starts `stillpoint` and returns when it has stopped itself at a stop point.
    func stop(at point: String, _ words: String...) throws -> Child { try stop(at: point, words) }

    func stop(at point: String, _ words: [String]) throws -> Child {
        let child = try start(at: point, words)
        try child.waitUntilStopped()
        return child
    }

    /// Starts `stillpoint` with a stop point that one of its children may reach.
    func start(at point: String, _ words: [String]) throws -> Child {
        try Child([Lab.stillpoint] + words, environment: environment.merging(["STILLPOINT_STOP_AT": point]) { $1 })
    }

    /// Takes a set of that name.
    func create(_ name: String, _ targets: String...) throws {
        let words = [Lab.stillpoint, "create", "--name", name] + targets
        let output = try Child(words, environment: environment).wait()
        guard output.status == 0 else { throw ChildError(description: "\(output)") }
    }

    // MARK: Way there and back

    private func makePool(_ metadataMiB: Int) throws {
        let all = Self.words(disks)
        try shell(
            """
            wipefs --quiet --all --force \(all)
            pvcreate -qq --yes \(all)
            vgcreate -qq \(group) \(all)
            lvcreate -qq --yes --type thin-pool --extents 90%FREE --poolmetadatasize \(metadataMiB)M --name pool \(group)
            """)
    }

    /// - Returns: whether the pool is as it was when it was new.
    @discardableResult
    private func tearDown() -> Bool {
        var isClean = true
        func perform(_ what: String, _ step: () throws -> Void) {
            do { try step() } catch {
                isClean = false
                Issue.record("\(what): \(error)")
            }
        }
        for (what, step) in undo.reversed() { perform(what, step) }
        undo = []
        // What a failed test left, top down: `lsblk` shows what stands on a disk below it.
        perform("empty \(group)") {
            try shell(
                """
                findmnt --noheadings --list --output TARGET,SOURCE | tac | while read -r target source; do
                    case $source in */\(group)-*|*/stillpoint-*) umount "$(printf %b "$target")" || : ;; esac
                done
                lsblk --noheadings --raw --output NAME,TYPE \(Self.words(disks)) | tac | while read -r name type; do
                    [ "$type" != crypt ] || dmsetup remove "$(printf %b "$name")" || :
                done
                lvs --noheadings --options lv_full_name \(group) | grep -vw '\(pool)' |
                    xargs --no-run-if-empty lvremove -qq --force --yes
                """)
            try shell("! findmnt --noheadings --list --output TARGET | grep -F '\(directory)'")
            try shell("rm -rf --one-file-system '\(directory)'")
        }
        if !isClean { perform("remove \(group)") { try Self.removeGroup(group, disks) } }
        return isClean
    }

    private static func removeGroup(_ group: String, _ disks: [String]) throws {
        try shell(
            """
            vgremove -qq --force --force --yes \(group)
            pvremove -qq --force --force --yes \(words(disks))
            """)
    }

    private static func words(_ disks: [String]) -> String { disks.map { "'\($0)'" }.joined(separator: " ") }
}
