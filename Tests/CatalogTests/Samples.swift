import FoundationEssentials
import SetModel

/// The same numbers for the same seed (SplitMix64).
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

extension SnapshotSet {
    static func sample(_ digit: Character = "a", createdAt: Double = 1_795_411_031, members: Int = 2) -> SnapshotSet {
        SnapshotSet(
            id: String(repeating: digit, count: 32), name: "set-\(digit)", state: .complete, consistency: .filesystem,
            consistencyReason: "frozen", createdAt: Date(timeIntervalSince1970: createdAt), tags: ["k": "v"],
            frozenWindowMs: 40, memberCount: members,
            members: (0..<members).map { .sample($0 + 1) })
    }

    /// Anything that the model can hold.
    static func random(using numbers: inout Seeded) -> SnapshotSet {
        let members = Int.random(in: 0...4, using: &numbers)
        return SnapshotSet(
            id: String(numbers.next(), radix: 16) + String(numbers.next(), radix: 16),
            name: .random(using: &numbers), state: SetState.allCases.randomElement(using: &numbers) ?? .staged,
            consistency: Consistency.allCases.randomElement(using: &numbers),
            consistencyReason: .maybe(using: &numbers),
            createdAt: Date(timeIntervalSince1970: Double(Int64.random(in: -1000...9_000_000_000, using: &numbers))),
            expiresAt: Bool.random(using: &numbers)
                ? Date(timeIntervalSince1970: Double(Int64.random(in: 0...9_000_000_000, using: &numbers))) : nil,
            policy: .maybe(using: &numbers), schedule: .maybe(using: &numbers),
            tags: Dictionary(
                (0..<Int.random(in: 0...45, using: &numbers)).map { _ in
                    (.random(using: &numbers), .random(using: &numbers))
                }, uniquingKeysWith: { first, _ in first }),
            frozenWindowMs: Bool.random(using: &numbers) ? Double.random(in: 0...60_000, using: &numbers) : nil,
            memberCount: members + Int.random(in: 0...2, using: &numbers),
            members: (0..<members).map { .random($0 + 1, using: &numbers) })
    }
}

extension Member {
    static func sample(_ index: Int) -> Member {
        Member(
            index: index, volume: "vg/lv\(index)", originUUID: "O\(index)", snapshot: "vg/lv\(index)_sp",
            snapshotUUID: "S\(index)", thinID: UInt32(index), sizeBytes: 1 << 30, filesystem: "ext4",
            mountPoint: "/mnt/\(index)", frozenMs: Double(index))
    }

    static func random(_ index: Int, using numbers: inout Seeded) -> Member {
        Member(
            index: index, volume: .random(using: &numbers), originUUID: .random(using: &numbers),
            snapshot: .random(using: &numbers), snapshotUUID: .maybe(using: &numbers),
            thinID: Bool.random(using: &numbers) ? UInt32.random(in: 0..<1 << 24, using: &numbers) : nil,
            sizeBytes: numbers.next(), filesystem: .maybe(using: &numbers), mountPoint: .maybe(using: &numbers),
            frozenMs: Bool.random(using: &numbers) ? Double.random(in: 0...60_000, using: &numbers) : nil)
    }
}

extension String {
    private static let alphabet = Array("aZ09-_. =,'\"\\%;(日本語ß😀e\u{301}\u{202E}\n\t")

    static func random(using numbers: inout Seeded) -> String {
        let length = Int.random(in: 0...24, using: &numbers)
        return String((0..<length).compactMap { _ in alphabet.randomElement(using: &numbers) })
    }

    static func maybe(using numbers: inout Seeded) -> String? {
        Bool.random(using: &numbers) ? random(using: &numbers) : nil
    }
}
