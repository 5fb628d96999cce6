public import SystemPackage

/// What brings applications to rest before a cut, and lets them go afterwards.
public struct HookDocument: Sendable, Equatable {
    /// How it is written.
    public enum Format: String, Sendable, Equatable {
        /// Our own YAML.
        case stillpoint
        /// An SSM command document, schema 2.2.
        case ssm
        /// A directory with `pre.d` and `post.d`.
        case directory
        /// A directory of programs that take `freeze` or `thaw` (qemu-ga's fsfreeze-hook.d).
        case freezeHooks = "freeze-hooks"
    }

    /// The name that `--hooks` takes.
    public var name: String
    public var file: FilePath
    public var format: Format
    public var summary: String?
    public var parameters: [HookParameter]
    /// In order; the first that fails ends the stage.
    public var pre: [HookStep]
    /// Lives from the end of `pre` to the beginning of `post`.
    public var hold: HookStep?
    /// In order; all of them, whatever becomes of each.
    public var post: [HookStep]
    /// What an SSM document does when it is told to do nothing.
    public var rehearsal: [HookStep] = []
    /// `post` is run by `recover` when the power went while applications were at rest.
    public var runsPostAfterPowerCut: Bool
    /// It may freeze file systems itself: what it froze, it thaws.
    public var mayFreeze: Bool
    /// It also brings to rest what uses volumes without a file system on this host: virtual machines, databases on raw
    /// devices.
    public var coversRawVolumes = false
    /// What of it is not taken as it is written, a sentence each.
    public var remarks: [String] = []
    /// Of the file, or of the programs of a directory, in 64 hexadecimal digits; empty for what was not read from one.
    public var sha256 = ""

    public init(
        name: String, file: FilePath, format: Format, summary: String? = nil, parameters: [HookParameter] = [],
        pre: [HookStep] = [], hold: HookStep? = nil, post: [HookStep] = [], runsPostAfterPowerCut: Bool = false,
        mayFreeze: Bool = false
    ) {
        self.name = name
        self.file = file
        self.format = format
        self.summary = summary
        self.parameters = parameters
        self.pre = pre
        self.hold = hold
        self.post = post
        self.runsPostAfterPowerCut = runsPostAfterPowerCut
        self.mayFreeze = mayFreeze
    }
}

/// A value that the document leaves to whoever uses it.
public struct HookParameter: Sendable, Equatable {
    public var name: String
    public var summary: String?
    /// `nil`: one has to be given.
    public var fallback: String?
    /// Empty: any.
    public var allowedValues: [String]
    /// A regular expression that matches the whole value (POSIX extended).
    public var allowedPattern: String?
    /// Never shown: masked in all output.
    public var isSecret: Bool
    /// SSM's StringList: given as words with commas between them, and replaced by a JSON list, as SSM does.
    public var isList = false

    public init(
        name: String, summary: String? = nil, fallback: String? = nil, allowedValues: [String] = [],
        allowedPattern: String? = nil, isSecret: Bool = false
    ) {
        self.name = name
        self.summary = summary
        self.fallback = fallback
        self.allowedValues = allowedValues
        self.allowedPattern = allowedPattern
        self.isSecret = isSecret
    }
}

/// One program of a document.
public struct HookStep: Sendable, Equatable, Codable {
    /// What is run.
    public enum Command: Sendable, Equatable, Codable {
        /// A program and its words; looked for in ``HookEnvironment/path`` when it has no slash.
        case program([String])
        /// Given to `/bin/sh -c`, or to the interpreter of its first line (`#!`).
        case shell(String)
    }

    /// What a failure means.
    public enum OnError: String, Sendable, Equatable, Codable, CaseIterable {
        /// The stage has failed.
        case fail
        /// It is recorded, and the stage goes on; the set is not application-consistent.
        case goOn = "continue"
    }

    /// Unique in its document.
    public var id: String
    public var command: Command
    /// `nil`: as long as the stage has.
    public var timeout: Duration?
    /// In seconds, with parameters that have no value yet; SSM allows it.
    public var timeoutText: String?
    public var environment: [String: String]
    /// A user's name; `nil` for root.
    public var runAs: String?
    public var directory: String?
    public var onError: OnError

    public init(
        id: String, command: Command, timeout: Duration? = nil, environment: [String: String] = [:],
        runAs: String? = nil, directory: String? = nil, onError: OnError = .fail
    ) {
        self.id = id
        self.command = command
        self.timeout = timeout
        self.environment = environment
        self.runAs = runAs
        self.directory = directory
        self.onError = onError
    }
}
