import Foundation
import SetModel
import Testing

@testable import LVM

@Suite("Members in tags")
struct MemberTagsTests {
    @Test("a staged set comes back from its tags")
    func staged() throws {
        let set = Sample.set(members: 3)
        let volumes = try set.members.map { try Sample.volume(of: $0, in: set) }
        let found = FoundSets(in: LVMReport(volumes: volumes.reversed()))
        #expect(found.problems == [])
        #expect(found.ambiguous == [:])
        #expect(found.sets == [set])
    }

    @Test("LVM takes every tag, the guards first")
    func characters() throws {
        let set = Sample.set(members: 2)
        let tags = try MemberTags.staged(set.members[0], of: set)
        #expect(try tags.map(LVMTag.checked) == tags)
        #expect(
            tags.prefix(4) == [
                "stillpoint.set=\(Sample.id)", "stillpoint.members=2", "stillpoint.member=1", "stillpoint.state=staged",
            ])
        #expect(tags.contains("stillpoint.created=2026-11-23T05:17:11Z"))
        #expect(tags.contains("stillpoint.mount=/srv/data!201!3D!C3!BC"))
        #expect(try !MemberTags.staged(set.members[1], of: set).contains { $0.hasPrefix("stillpoint.state") })
    }

    @Test("completion is one change of the first member")
    func completion() throws {
        var set = Sample.set(members: 2)
        var volumes = try set.members.map { try Sample.volume(of: $0, in: set) }
        set.state = .complete
        set.consistency = .filesystem
        set.consistencyReason = "no hooks; \"pg\" is down"
        set.frozenWindowMs = 112.375
        Sample.apply(try MemberTags.completion(of: set), to: &volumes[0])
        #expect(FoundSets(in: LVMReport(volumes: volumes)).sets == [set])
    }

    @Test("how the stages of hooks ended comes back; a word of a later version loses no set")
    func scripts() throws {
        var set = Sample.set(members: 2)
        var volumes = try set.members.map { try Sample.volume(of: $0, in: set) }
        set.state = .complete
        set.hooks = [
            HookResult(stage: .pre, attempt: 1, name: "lock", status: .succeeded),
            HookResult(stage: .post, attempt: 1, name: "unlock", status: .timedOut),
        ]
        Sample.apply(try MemberTags.completion(of: set), to: &volumes[0])
        var found = FoundSets(in: LVMReport(volumes: volumes)).sets
        #expect(found.first?.scriptStatus(.pre) == .success)
        #expect(found.first?.scriptStatus(.post) == .failed)
        volumes[0].tags = volumes[0].tags.map { $0.hasPrefix("stillpoint.pre-") ? "stillpoint.pre-script=ODD" : $0 }
        found = FoundSets(in: LVMReport(volumes: volumes)).sets
        #expect(found.map(\.state) == [.complete])
        #expect(found.first?.scriptStatus(.pre) == nil)
    }

    @Test("a reason too long for a tag is cut between characters")
    func longReason() throws {
        var set = Sample.set(members: 1)
        set.consistencyReason = String(repeating: "ü", count: 400)
        let tags = try MemberTags.completion(of: set).adding
        let reason = try #require(tags.first { $0.hasPrefix("stillpoint.reason=") })
        #expect(reason.utf8.count == 1020)
        #expect(try LVMTag.parse(reason)?.value.allSatisfy { $0 == "ü" } == true)
    }

    @Test("a user's tag too long for LVM is refused")
    func longTag() {
        var set = Sample.set(members: 1)
        set.tags = ["key": String(repeating: "ü", count: 400)]
        let error = #expect(throws: LVMError.self) { try MemberTags.staged(set.members[0], of: set) }
        #expect(error?.message.contains("key") == true)
    }

    /// Which tags are left on which of three members, in which state the first says the set is, and what it is then.
    @Test(
        "state",
        arguments: [
            (SetState.staged, [1, 2, 3], SetState.staged), (.staged, [1], .staged), (.staged, [2, 3], .degraded),
            (.complete, [1, 2, 3], .complete), (.complete, [1, 3], .degraded), (.complete, [2], .degraded),
            (.deleting, [1, 2, 3], .deleting), (.deleting, [1], .deleting), (.deleting, [3], .degraded),
        ])
    func state(stated: SetState, left: [Int], state: SetState) throws {
        let set = Sample.set(members: 3)
        var volumes = try set.members.map { try Sample.volume(of: $0, in: set) }
        if stated == .complete { Sample.apply(try MemberTags.completion(of: set), to: &volumes[0]) }
        if stated == .deleting { Sample.apply(try MemberTags.deletion(), to: &volumes[0]) }
        let found = FoundSets(in: LVMReport(volumes: left.map { volumes[$0 - 1] }))
        #expect(found.problems == [])
        #expect(found.sets.map(\.state) == [state])
        #expect(found.sets.map { $0.members.map(\.index) } == [left])
        #expect(found.sets.map(\.memberCount) == [3])
    }

    @Test("tags of others and of later versions are passed over")
    func unknownTags() throws {
        let set = Sample.set(members: 1)
        var volume = try Sample.volume(of: set.members[0], in: set)
        volume.tags += ["backup", "a=b", "stillpoint.future=x!20y"]
        let other = Sample.volume("vg0/other", uuid: "o", tags: ["backup", "stillpoint.clone=\(Sample.id)"])
        let found = FoundSets(in: LVMReport(volumes: [other, volume]))
        #expect(found.problems == [])
        #expect(found.sets == [set])
        #expect(MemberTags.cloneOf(other) == Sample.id)
        #expect(MemberTags.cloneOf(volume) == nil)
    }

    @Test(
        "damaged tags name the volume and what is wrong",
        arguments: [
            ("stillpoint.members=2", nil, "stillpoint.members"), ("stillpoint.members=2", "stillpoint.members=x", "=x"),
            ("stillpoint.members=2", "stillpoint.members=0", "of 0"),
            ("stillpoint.member=1", "stillpoint.member=3", "member 3 of 2"),
            ("stillpoint.state=staged", nil, "state"), ("stillpoint.state=staged", "stillpoint.state=odd", "odd"),
            ("stillpoint.created=2026-11-23T05:17:11Z", "stillpoint.created=today", "today"),
            ("stillpoint.created=2026-11-23T05:17:11Z", "stillpoint.created=4001-01-01T00:00:00Z", "4001"),
            ("stillpoint.created=2026-11-23T05:17:11Z", "stillpoint.created=3000-01-01T00:00:00Z", "3000"),
            ("stillpoint.created=2026-11-23T05:17:11Z", "stillpoint.created=1969-12-31T23:59:59Z", "1969"),
            ("stillpoint.expires=2026-11-30T05:17:11Z", "stillpoint.expires=9999-12-31T23:59:59Z", "9999"),
            ("backup", "stillpoint.purge=3000-01-01T00:00:00Z", "stillpoint.purge"),
            ("stillpoint.name=nightly", nil, "stillpoint.name"),
            ("stillpoint.name=nightly", "stillpoint.name=!zz", "!zz"),
            ("backup", "stillpoint.name=weekly", "two tags stillpoint.name"),
        ] as [(String, String?, String)])
    func damaged(old: String, new: String?, told: String) throws {
        let set = Sample.set(members: 2)
        var volumes = try set.members.map { try Sample.volume(of: $0, in: set) }
        volumes[0].tags.removeAll { $0 == old }
        if let new { volumes[0].tags.append(new) }
        let found = FoundSets(in: LVMReport(volumes: volumes))
        #expect(found.problems.count == 1)
        #expect(found.problems.first?.contains(volumes[0].fullName) == true)
        #expect(found.problems.first?.contains(told) == true)
        #expect(found.sets.map(\.state) == [.degraded])
    }

    @Test("the first and the last date that is one", arguments: ["1970-01-01T00:00:00Z", "2999-12-31T23:59:59Z"])
    func dates(created: String) throws {
        let set = Sample.set(members: 1)
        var volume = try Sample.volume(of: set.members[0], in: set)
        volume.tags.removeAll { $0.hasPrefix("stillpoint.created=") }
        volume.tags.append("stillpoint.created=" + created)
        let found = FoundSets(in: LVMReport(volumes: [volume]))
        #expect(found.problems == [])
        #expect(try found.sets.map(\.createdAt) == [Date(created, strategy: .iso8601)])
    }

    /// A disk from elsewhere may say anything.
    static let hostile = [
        "", ".", "..", "/", "../../../etc/shadow", "/etc/shadow", "a/b", "0123456789abcdef0123456789abcde",
        "0123456789abcdef0123456789abcdef0", "0123456789ABCDEF0123456789ABCDEF", "0123456789abcdef0123456789abcde/",
        "0123456789abcdef0123456789abcd\n.", "0123456789abcdef/../0123456789abc", "-rf", "\u{1b}[2J",
    ]

    @Test("what is no id of a set makes no set, and is told of", arguments: hostile)
    func hostileID(id: String) throws {
        var set = Sample.set(members: 1)
        set.id = id
        let volume = try Sample.volume(of: set.members[0], in: set)
        let found = FoundSets(in: LVMReport(volumes: [volume]))
        #expect(found.sets == [])
        #expect(found.problems.count == 1)
        #expect(found.problems.first?.contains(volume.fullName) == true)
        #expect(found.problems.first?.contains("\u{1b}") == false)
    }

    @Test("what is no id of a set makes no clone, and is told of", arguments: hostile + ["!zz", "%s"])
    func hostileClone(id: String) throws {
        for tag in [try MemberTags.clone(of: id), "stillpoint.clone=" + id] {
            let volume = Sample.volume("vg0/evil", uuid: "e", tags: [tag])
            #expect(MemberTags.cloneOf(volume) == nil)
            let found = FoundSets(in: LVMReport(volumes: [volume]))
            #expect(found.sets == [])
            #expect(found.problems.count == 1)
            #expect(found.problems.first?.contains("vg0/evil") == true)
        }
    }

    @Test("a clone of two sets is none")
    func twoClones() throws {
        let tags = ["stillpoint.clone=" + Sample.id, "stillpoint.clone=../../../etc/shadow"]
        for tags in [tags, tags.reversed()] {
            let volume = Sample.volume("vg0/evil", uuid: "e", tags: tags)
            #expect(MemberTags.cloneOf(volume) == nil)
            #expect(FoundSets(in: LVMReport(volumes: [volume])).problems.count == 1)
        }
    }

    @Test(
        "what is no name of a set or of a volume makes no set",
        arguments: ["", ".", "..", "../../etc", "/etc", "a/b/c", "a b/c", "vg0/..", "../vg0", "-vg/a", "\u{1b}[2J/a"])
    func hostileNames(name: String) throws {
        var set = Sample.set(members: 1)
        set.name = name
        #expect(FoundSets(in: LVMReport(volumes: [try Sample.volume(of: set.members[0], in: set)])).sets == [])
        set = Sample.set(members: 1)
        set.members[0].volume = name
        let found = FoundSets(in: LVMReport(volumes: [try Sample.volume(of: set.members[0], in: set)]))
        #expect(found.sets == [])
        #expect(found.problems.count == 1)
    }

    @Test("two volumes that say they are the same member are told of")
    func twins() throws {
        let set = Sample.set(members: 1)
        let volume = try Sample.volume(of: set.members[0], in: set)
        var copy = volume
        copy.volumeGroup = "copy"
        let found = FoundSets(in: LVMReport(volumes: [volume, copy]))
        #expect(found.sets == [set])
        #expect(found.problems.count == 1)
        #expect(found.problems.first?.contains(copy.fullName) == true)
        #expect(found.ambiguous == [set.id: found.problems[0]])
    }

    @Test("what LVM removes with a volume: not its thin snapshots")
    func removedTogether() {
        let origin = Sample.volume("vg0/member", uuid: "o")
        func dependent(_ name: String, _ change: (inout LogicalVolume) -> Void) -> LogicalVolume {
            var volume = Sample.volume("vg0/" + name, uuid: name)
            volume.originUUID = origin.uuid
            volume.origin = origin.name
            change(&volume)
            return volume
        }
        let thin = dependent("thin") { _ in }
        let thick = dependent("thick") {
            $0.segmentTypes = ["linear"]
            $0.pool = nil
            $0.attributes = "swi---s---"
        }
        let elsewhere = dependent("elsewhere") { $0.pool = "another" }
        let merging = dependent("merging") { $0.attributes = "Swi---tz-k" }
        let copied = dependent("copied") {
            $0.segmentTypes = ["linear"]
            $0.volumeGroupUUID = "copy"
        }
        let report = LVMReport(volumes: [thin, thick, elsewhere, merging, copied, origin])
        #expect(report.removedTogether() == ["o": [thick, elsewhere, merging]])
        #expect(LVMReport(volumes: [origin, thin]).removedTogether() == [:])
    }

    @Test("sets are told oldest first")
    func order() throws {
        var sets = (0..<3).map { number in
            var set = Sample.set(members: 1)
            set.id = String(repeating: "\(number)", count: 32)
            set.createdAt = Sample.created.addingTimeInterval(number == 0 ? 60 : 0)
            return set
        }
        let volumes = try sets.map { set in
            var volume = try Sample.volume(of: set.members[0], in: set)
            volume.uuid = set.id
            return volume
        }
        sets = FoundSets(in: LVMReport(volumes: volumes)).sets
        #expect(sets.map(\.id.first) == ["1", "2", "0"])
    }
}
