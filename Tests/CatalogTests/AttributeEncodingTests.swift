import FoundationEssentials
import SetModel
import Testing

@testable import Catalog

struct AttributeEncodingTests {
    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func roundTrip(_ seed: UInt64) throws {
        var numbers = Seeded(seed)
        for _ in 0..<10 {
            let set = SnapshotSet.random(using: &numbers)
            let encoding = try AttributeEncoding(set)
            #expect(try encoding.set(id: set.id) == set)
            #expect(encoding.content.isEmpty == set.hooks.isEmpty)
            #expect(Set(encoding.attributes.map(\.name)).count == encoding.attributes.count)
        }
    }

    @Test(
        arguments: [
            0, -0.0, 0.1, 0.30000000000000004, 1e-7, 1e16, .leastNormalMagnitude, .greatestFiniteMagnitude, .infinity,
        ] as [Double])
    func numbers(_ number: Double) throws {
        var set = SnapshotSet.sample()
        set.frozenWindowMs = number
        set.members[0].frozenMs = number
        set.hooks = [HookResult(stage: .pre, attempt: 1, name: "a", status: .succeeded, durationMs: number)]
        let read = try AttributeEncoding(set).set(id: set.id)
        #expect(read.frozenWindowMs?.bitPattern == number.bitPattern)
        #expect(read.members[0].frozenMs == number)
        #expect(read.hooks[0].durationMs == number)
    }

    @Test(arguments: [0, 1 << 53 + 1, .max] as [UInt64])
    func sizes(_ size: UInt64) throws {
        var set = SnapshotSet.sample()
        set.members[0].sizeBytes = size
        #expect(try AttributeEncoding(set).set(id: set.id).members[0].sizeBytes == size)
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (1_795_411_031, "2026-11-23T05:17:11Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"), (253_402_300_800, "@253402300800"),
            (-62_135_596_801, "@-62135596801"),
        ] as [(Double, String)])
    func dates(_ seconds: Double, _ text: String) {
        let date = Date(timeIntervalSince1970: seconds)
        #expect(AttributeDate.text(date) == text)
        #expect(AttributeDate.date(text) == date)
    }

    @Test(arguments: ["", "now", "2026-11-23", "2026-11-23T05:17:11", "2026-11-23T05:17:11Z ", "@", "@1.5"])
    func noDates(_ text: String) { #expect(AttributeDate.date(text) == nil) }

    /// As bytes: to Swift, a `=` and a combining character are one other character.
    @Test(
        arguments: [
            ("k", "v", "k=v"), ("", "", "="), ("k", "a=b", "k=a=b"), ("a=b", "", "a%3Db="),
            ("100%", "50%", "100%25=50%"), ("%3D", "", "%253D="), ("k", "\u{301}", "k=\u{301}"),
            ("日本", "😀\n", "日本=😀\n"),
        ] as [(String, String, String)])
    func tags(_ key: String, _ value: String, _ text: String) throws {
        #expect(AttributeTag.bytes(key, value) == Array(text.utf8))
        let tag = try #require(AttributeTag(Array(text.utf8)))
        #expect(tag.key == key)
        #expect(tag.value == value)
    }

    @Test(arguments: ["", "k", "100%=x", "%3d=x", "%=x"])
    func noTags(_ text: String) { #expect(AttributeTag(Array(text.utf8)) == nil) }

    /// A value that is empty is not one that is missing.
    @Test func emptyTexts() throws {
        var set = SnapshotSet.sample()
        set.consistencyReason = ""
        set.policy = ""
        set.schedule = nil
        set.hold = SetHold(reason: "")
        set.members[0].filesystem = ""
        set.members[0].mountPoint = nil
        #expect(try AttributeEncoding(set).set(id: set.id) == set)
    }

    @Test func membersAreInTheirOrder() throws {
        var set = SnapshotSet.sample(members: 3)
        set.members.reverse()
        #expect(try AttributeEncoding(set).set(id: set.id).members.map(\.index) == [1, 2, 3])
    }
}
