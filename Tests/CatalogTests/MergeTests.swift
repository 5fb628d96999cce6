import Catalog
import FoundationEssentials
import SetModel
import Testing

struct MergeTests {
    /// A set as LVM's tags tell of it.
    static func tagged(_ state: SetState = .complete, present: [Int] = [1, 2, 3]) -> SnapshotSet {
        var set = remembered(state)
        set.frozenWindowMs = nil
        set.consistencyReason = nil
        set.members = present.map { index in
            var member = Member.sample(index)
            member.filesystem = nil
            member.mountPoint = nil
            member.frozenMs = nil
            return member
        }
        return set
    }

    /// The same set as the index has it.
    static func remembered(_ state: SetState = .complete) -> SnapshotSet {
        var set = SnapshotSet.sample(members: 3)
        set.state = state
        return set
    }

    @Test func theIndexAddsWhatTagsCannotHold() {
        #expect(Catalog.merge(truth: [Self.tagged()], index: [Self.remembered()]) == [Self.remembered()])
    }

    @Test func tagsDecideOverEverythingElse() {
        var index = Self.remembered()
        index.name = "old"
        index.tags = [:]
        index.consistency = .crash
        index.expiresAt = Date(timeIntervalSince1970: 0)
        index.members[0].volume = "old/name"
        index.members[0].snapshotUUID = "gone"
        index.memberCount = 9
        #expect(Catalog.merge(truth: [Self.tagged()], index: [index]) == [Self.remembered()])
    }

    @Test func whatTagsSayIsKept() {
        var truth = Self.tagged()
        truth.consistencyReason = "tag"
        truth.frozenWindowMs = 1
        truth.members[0].filesystem = "xfs"
        let merged = Catalog.merge(truth: [truth], index: [Self.remembered()])
        #expect(merged.first?.consistencyReason == "tag")
        #expect(merged.first?.frozenWindowMs == 1)
        #expect(merged.first?.members.map(\.filesystem) == ["xfs", "ext4", "ext4"])
    }

    @Test func scriptsAreWhatHooksDid() {
        var truth = Self.tagged()
        truth.preScript = .failed
        truth.postScript = .success
        #expect(Catalog.merge(truth: [truth], index: []) == [truth])
        #expect(Catalog.merge(truth: [truth], index: [Self.remembered()]).first?.scriptStatus(.pre) == .failed)
        // A set that lost the member which told it.
        let merged = Catalog.merge(truth: [Self.tagged(present: [2, 3])], index: [truth])
        #expect(merged.first?.scriptStatus(.post) == .success)
        var index = Self.remembered()
        index.hooks = [HookResult(stage: .pre, attempt: 1, name: "lock", status: .succeeded)]
        // Else `reindex` would find something to write in every set.
        #expect(Catalog.merge(truth: [truth], index: [index]) == [index])
        #expect(index.scriptStatus(.pre) == .success && index.scriptStatus(.post) == nil)
    }

    @Test func withoutAnIndex() {
        #expect(Catalog.merge(truth: [Self.tagged()], index: []) == [Self.tagged()])
        #expect(Catalog.merge(truth: [], index: []) == [])
    }

    @Test("the state is what LVM says, whatever the index remembers", arguments: SetState.allCases)
    func state(_ state: SetState) {
        for index in [SetState?.none] + SetState.allCases {
            let merged = Catalog.merge(
                truth: [Self.tagged(state, present: [1, 3])], index: index.map { [Self.remembered($0)] } ?? [])
            #expect(merged.map(\.state) == [state])
            #expect(merged.first?.members.map(\.index) == [1, 3])
            #expect(merged.first?.memberCount == 3)
        }
    }

    @Test(
        arguments: [
            (.complete, .degraded), (.degraded, .degraded), (.staged, nil), (.deleting, .deleting),
        ] as [(SetState, SetState?)])
    func nothingLeftInLVM(_ index: SetState, _ shown: SetState?) {
        var expected = shown.map { Self.remembered($0) }
        expected?.members = []
        #expect(Catalog.merge(truth: [], index: [Self.remembered(index)]) == [expected].compactMap(\.self))
    }

    @Test func aStagedSetPromisesNothing() {
        var truth = Self.tagged(.staged)
        truth.consistency = nil
        let merged = Catalog.merge(truth: [truth], index: [Self.remembered()])
        #expect(merged.first?.consistency == nil)
        #expect(merged.first?.frozenWindowMs == nil)
    }

    @Test func oldestFirst() {
        let old = SnapshotSet.sample("c", createdAt: 1)
        let new = SnapshotSet.sample("a", createdAt: 2)
        var lost = SnapshotSet.sample("b", createdAt: 1)
        lost.members = []
        lost.state = .degraded
        #expect(Catalog.merge(truth: [new, old], index: [lost]) == [lost, old, new])
    }
}
