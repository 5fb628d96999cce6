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
    static func random(using numbers: inout Seeded, upTo extent: Extent = .full) -> SnapshotSet {
        let members = Int.random(in: 0...extent.members, using: &numbers)
        var set = SnapshotSet(
            id: .randomID(using: &numbers), name: .random(using: &numbers, extent),
            state: SetState.allCases.randomElement(using: &numbers) ?? .staged,
            consistency: Consistency.allCases.randomElement(using: &numbers),
            consistencyReason: .maybe(using: &numbers, extent),
            createdAt: Date(timeIntervalSince1970: Double(Int64.random(in: -1000...9_000_000_000, using: &numbers))),
            expiresAt: .maybe(using: &numbers),
            policy: .maybe(using: &numbers, extent), schedule: .maybe(using: &numbers, extent),
            tags: Dictionary(
                (0..<Int.random(in: 0...extent.tags, using: &numbers)).map { _ in
                    (.random(using: &numbers, extent), .random(using: &numbers, extent))
                }, uniquingKeysWith: { first, _ in first }),
            frozenWindowMs: Bool.random(using: &numbers) ? Double.random(in: 0...60_000, using: &numbers) : nil,
            memberCount: members + Int.random(in: 0...2, using: &numbers),
            members: (0..<members).map { .random($0 + 1, using: &numbers, extent) })
        let hooks = Int.random(in: 0...extent.hooks, using: &numbers)
        set.hooks = (0..<hooks).map { _ in .random(using: &numbers, extent) }
        if let reason = String.maybe(using: &numbers, extent) {
            set.hold = SetHold(reason: reason, until: .maybe(using: &numbers))
        }
        set.purgeAt = .maybe(using: &numbers)
        let ends: [ScriptStatus?] = [nil, .success, .failed]
        set.preScript = ends.randomElement(using: &numbers) ?? nil
        set.postScript = ends.randomElement(using: &numbers) ?? nil
        return set
    }
}

/// How much a random set has at most.
struct Extent: Sendable {
    var members: Int
    var tags: Int
    var hooks: Int
    /// Of each text.
    var characters: Int

    static let full = Extent(members: 4, tags: 45, hooks: 3, characters: 24)
    /// Not more than 3600 bytes in attributes: a block of ext4.
    static let oneBlock = Extent(members: 2, tags: 6, hooks: 2, characters: 12)
}

extension Member {
    static func sample(_ index: Int) -> Member {
        Member(
            index: index, volume: "vg/lv\(index)", originUUID: "O\(index)", snapshot: "vg/lv\(index)_sp",
            snapshotUUID: "S\(index)", thinID: UInt32(index), sizeBytes: 1 << 30, filesystem: "ext4",
            mountPoint: "/mnt/\(index)", frozenMs: Double(index))
    }

    static func random(_ index: Int, using numbers: inout Seeded, _ extent: Extent) -> Member {
        Member(
            index: index, volume: .random(using: &numbers, extent), originUUID: .random(using: &numbers, extent),
            snapshot: .random(using: &numbers, extent), snapshotUUID: .maybe(using: &numbers, extent),
            thinID: Bool.random(using: &numbers) ? UInt32.random(in: 0..<1 << 24, using: &numbers) : nil,
            sizeBytes: numbers.next(), filesystem: .maybe(using: &numbers, extent),
            mountPoint: .maybe(using: &numbers, extent),
            frozenMs: Bool.random(using: &numbers) ? Double.random(in: 0...60_000, using: &numbers) : nil)
    }
}

extension HookResult {
    private static let ends: [Status] = [.succeeded, .failed, .timedOut, .interrupted]

    static func random(using numbers: inout Seeded, _ extent: Extent) -> HookResult {
        HookResult(
            stage: HookStage.allCases.randomElement(using: &numbers) ?? .pre,
            attempt: Int.random(in: 1...9, using: &numbers), name: .random(using: &numbers, extent),
            status: ends.randomElement(using: &numbers) ?? .failed,
            exitCode: Bool.random(using: &numbers) ? Int32.random(in: 0...255, using: &numbers) : nil,
            signal: Bool.random(using: &numbers) ? Int32.random(in: 1...64, using: &numbers) : nil,
            durationMs: Double.random(in: 0...60_000, using: &numbers), reason: .maybe(using: &numbers, extent),
            output: .random(using: &numbers, extent), errors: .random(using: &numbers, extent))
    }
}

extension Date {
    static func maybe(using numbers: inout Seeded) -> Date? {
        Bool.random(using: &numbers)
            ? Date(timeIntervalSince1970: Double(Int64.random(in: 0...9_000_000_000, using: &numbers))) : nil
    }
}

extension String {
    private static let alphabet = Array("aZ09-_. =,'\"\\%;(日本語ß😀e\u{301}\u{202E}\n\t")

    static func random(using numbers: inout Seeded, _ extent: Extent) -> String {
        let length = Int.random(in: 0...extent.characters, using: &numbers)
        return String((0..<length).compactMap { _ in alphabet.randomElement(using: &numbers) })
    }

    static func maybe(using numbers: inout Seeded, _ extent: Extent) -> String? {
        Bool.random(using: &numbers) ? random(using: &numbers, extent) : nil
    }

    static func randomID(using numbers: inout Seeded) -> String {
        String((0..<32).compactMap { _ in "0123456789abcdef".randomElement(using: &numbers) })
    }
}
