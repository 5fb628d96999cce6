/// One atomic step of the real thing: an LVM commit, an ioctl, a transaction of the catalog.
public struct Step: Sendable, Hashable, CustomStringConvertible {
    /// Who takes it: that decides in which ways it can go wrong.
    public enum Actor: String, Sendable {
        /// LVM's worker, changing something.
        case worker
        /// Something that only reads.
        case reader
        /// The guard's first process.
        case cutter
        /// The catalog's database.
        case catalog
    }

    /// `freeze /a`
    public var name: String
    /// Who takes it.
    public var actor: Actor
    /// Whether a guard was armed at the time.
    public var isGuarded: Bool

    /// The name.
    public var description: String { name }

    /// The kinds of fault that can strike here.
    public var kinds: [Fault.Kind] {
        var kinds: [Fault.Kind] =
            switch actor {
            case .worker: [.fails, .failsAfterwards, .workerDies]
            case .reader, .cutter: [.fails]
            case .catalog: [.fails, .failsAfterwards]
            }
        if isGuarded { kinds.append(.guardDies) }
        return kinds + [.engineDies, .everythingDies, .powerCut]
    }
}

/// Something that goes wrong at a step.
public struct Fault: Sendable, Hashable, CustomStringConvertible {
    /// What happens.
    public enum Kind: String, Sendable, CaseIterable {
        /// The step is not done, and says so. LVM rolls its command back.
        case fails
        /// The step is done, and says that it failed.
        case failsAfterwards
        /// The process that runs LVM is killed before the step: nothing is rolled back.
        case workerDies
        /// The guard's first process is killed before the step: its watcher releases everything.
        case guardDies
        /// The engine's process is killed before the step: guard and worker finish what they are at, and end.
        case engineDies
        /// Engine, worker, guard and watcher are killed before the step: what stands still goes on standing.
        case everythingDies
        /// The host stops before the step, and boots: nothing stands still, only disks remember.
        case powerCut

        /// Whether nobody is left to undo anything.
        public var endsEngine: Bool { self == .engineDies || self == .everythingDies || self == .powerCut }
    }

    /// Where it happens.
    public enum Position: Sendable, Hashable {
        /// At the step of this position in the trace, from 0.
        case index(Int)
        /// At the first step of this name.
        case first(String)
        /// At the step of this name that comes so manieth in the trace, from 1.
        case nth(Int, String)
        /// At every step of this name.
        case every(String)
    }

    /// Where it happens.
    public var position: Position
    /// What happens.
    public var kind: Kind

    /// A fault at a step.
    public init(_ kind: Kind, at position: Position) {
        self.position = position
        self.kind = kind
    }

    /// `guardDies at "freeze /a"`
    public var description: String {
        switch position {
        case .index(let index): "\(kind.rawValue) at step \(index)"
        case .first(let name): "\(kind.rawValue) at \"\(name)\""
        case .nth(let number, let name): "\(kind.rawValue) at \"\(name)\" number \(number)"
        case .every(let name): "\(kind.rawValue) at every \"\(name)\""
        }
    }
}

/// What a step that fails throws: an error of a lower layer, which the engine does not know.
public struct SimulatedFailure: Error, Sendable, CustomStringConvertible {
    /// Words of a lower layer.
    public var description: String
    /// LVM undid what its command had begun.
    var isRolledBack = true
}

/// The engine's process was killed: whatever it still tries has no effect.
public struct SimulatedDeath: Error, Sendable, CustomStringConvertible {
    /// For a test that forgets to ask whether the engine lives.
    public var description: String { "the simulated process is dead" }
}

/// Something that happens from outside, just before a step.
public enum Interference: Sendable, Hashable {
    /// Somebody else freezes a mounted file system.
    case freeze(String)
    /// Whoever froze a mounted file system thaws it, or somebody else does.
    case thaw(String)
    /// Somebody else suspends a volume.
    case suspend(String)
    /// Somebody else activates a volume.
    case activate(String)
    /// Somebody else opens a volume's device, as a mount does.
    case open(String)
    /// Somebody else removes the newest snapshot of a volume with LVM.
    case removeSnapshot(of: String)
    /// The pool of a volume cannot commit what it is told next: it says that it did, takes it back, and is read-only.
    case failCommit(String)
    /// The disks of a volume group are pulled: LVM does not see it any more.
    case loseGroup(String)
}
