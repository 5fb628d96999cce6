import LinuxSystem

@testable import GuardProtocol

/// The same numbers in every run (splitmix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// What a mount point may contain: all but a zero.
    mutating func text(_ lengths: ClosedRange<Int> = 0...40) -> String {
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: lengths, using: &self) {
            let range: ClosedRange<UInt32> = Bool.random(using: &self) ? 1...0x7F : 1...0x10FFFF
            if let scalar = Unicode.Scalar(UInt32.random(in: range, using: &self)) { text.append(scalar) }
        }
        return String(text)
    }

    /// With what could be taken for the encoding itself.
    mutating func word() -> String {
        let odd = [
            "", "%", " ", "\n", "%41", "% %", "-", "ok", "\u{301}", "a b\nfs x", "\t%0",
            String(repeating: "ä", count: 400),
        ]
        return Int.random(in: 0..<4, using: &self) == 0 ? odd.randomElement(using: &self) ?? "" : text()
    }

    mutating func device() -> DeviceNumber {
        DeviceNumber(
            major: .random(in: 0...4095, using: &self), minor: .random(in: 0...1_048_575, using: &self))
    }

    mutating func plan() -> GuardPlan {
        let systems = Int.random(in: 0...6, using: &self)
        return GuardPlan(
            run: text(1...40) + "x", recordPath: "/" + text(),
            fileSystems: (0..<systems).map { _ in
                GuardPlan.FileSystem(
                    path: word(), mountID: next(), device: device(), level: Int.random(in: 0...3, using: &self),
                    label: word())
            },
            volumes: (0..<Int.random(in: 0...8, using: &self)).map { _ in
                GuardPlan.Volume(
                    device: device(), uuid: word(),
                    fileSystem: systems > 0 && Bool.random(using: &self)
                        ? Int.random(in: 0..<systems, using: &self) : nil,
                    pool: device(), originThinID: UInt32.random(in: 0..<1 << 24, using: &self),
                    isOpen: Bool.random(using: &self))
            },
            inactive: (0..<Int.random(in: 0...3, using: &self)).map { _ in word() },
            locks: (0..<Int.random(in: 0...3, using: &self)).map { _ in
                GuardPlan.GroupLock(directory: word(), volumeGroup: word(), auxiliary: Bool.random(using: &self))
            }, workerLock: "/" + text())
    }

    mutating func request() -> GuardRequest {
        switch Int.random(in: 0..<8, using: &self) {
        case 0: .arm(plan())
        case 1: .probe(maxMs: next(), foreignFreezeAllowed: Bool.random(using: &self))
        case 2: .lock(maxMs: next())
        case 3: .unlock
        case 4:
            .cut(
                maxMs: next(), foreignFreezeAllowed: Bool.random(using: &self),
                snapshotThinIDs: (0..<Int.random(in: 0...9, using: &self)).map { _ in
                    UInt32.random(in: 0...UInt32.max, using: &self)
                })
        case 5: .hold(maxMs: next())
        case 6: .release
        default: .dismiss
        }
    }

    mutating func reply() -> GuardReply {
        let failure = GuardFailure(
            GuardFailure.Step.allCases.randomElement(using: &self) ?? .plan, word(),
            Int32.random(in: Int32.min...Int32.max, using: &self))
        switch Int.random(in: 0..<3, using: &self) {
        case 0: return .ok
        case 1: return .failed(failure)
        default: return .stuck(failure)
        }
    }
}

extension GuardPlan {
    /// A plan of file systems and volumes, one file system to each two volumes.
    static func sample(record: String = "/run/x/r.record", fileSystems: Int = 2, volumes: Int = 3) -> GuardPlan {
        GuardPlan(
            run: "0123456789abcdef", recordPath: record,
            fileSystems: (0..<fileSystems).map { index in
                GuardPlan.FileSystem(
                    path: "/srv/\(index)", mountID: 7, device: DeviceNumber(major: 253, minor: UInt32(index)), level: 0,
                    label: "/srv/\(index)")
            },
            volumes: (0..<volumes).map { index in
                GuardPlan.Volume(
                    device: DeviceNumber(major: 253, minor: UInt32(index)), uuid: "LVM-\(index)",
                    fileSystem: index < fileSystems ? index : nil, pool: DeviceNumber(major: 253, minor: 99),
                    originThinID: UInt32(index), isOpen: true)
            }, locks: [], workerLock: "/run/worker.lock")
    }
}
