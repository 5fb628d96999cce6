import SetModel

/// What a step finds in its environment, and nothing else.
public struct HookEnvironment: Sendable, Equatable, Codable {
    /// Where programs without a slash are looked for.
    public static let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    public var setID: String
    public var setName: String
    /// `VG/LV` of the origins, in the order of the members.
    public var volumes: [String]
    /// `VG/LV` of the members, in the same order.
    public var snapshots: [String]
    /// Device nodes of the active origins.
    public var devices: [String]
    /// Of the file systems that will be frozen.
    public var mountPoints: [String]
    public var policy: String?
    public var schedule: String?
    /// The document's parameters, by name.
    public var parameters: [String: String]
    /// The longest time that applications may be at rest, in milliseconds; set by the plan.
    public internal(set) var quiesceLimitMs: Int64 = 0

    public init(
        setID: String, setName: String, volumes: [String] = [], snapshots: [String] = [], devices: [String] = [],
        mountPoints: [String] = [], policy: String? = nil, schedule: String? = nil, parameters: [String: String] = [:]
    ) {
        self.setID = setID
        self.setName = setName
        self.volumes = volumes
        self.snapshots = snapshots
        self.devices = devices
        self.mountPoints = mountPoints
        self.policy = policy
        self.schedule = schedule
        self.parameters = parameters
    }

    /// All variables but those that depend on the user it runs as. Lists have an element per line.
    func variables(_ stage: HookStage, attempt: Int, consistency: Consistency?) -> [String: String] {
        var variables = [
            "PATH": Self.path, "LANG": "C.UTF-8", "STILLPOINT_SET_ID": setID, "STILLPOINT_SET_NAME": setName,
            "STILLPOINT_STAGE": stage.rawValue, "STILLPOINT_ATTEMPT": "\(attempt)",
            "STILLPOINT_VOLUMES": volumes.joined(separator: "\n"),
            "STILLPOINT_SNAPSHOTS": snapshots.joined(separator: "\n"),
            "STILLPOINT_DEVICES": devices.joined(separator: "\n"),
            "STILLPOINT_MOUNT_POINTS": mountPoints.joined(separator: "\n"), "STILLPOINT_POLICY": policy ?? "",
            "STILLPOINT_SCHEDULE": schedule ?? "", "STILLPOINT_QUIESCE_MS": "\(quiesceLimitMs)",
            "STILLPOINT_CONSISTENCY": consistency?.rawValue ?? "",
        ]
        for (name, value) in parameters { variables["HOOK_" + name] = value }
        return variables
    }

    /// Whether a document may set a variable: not one of ours, and none that changes how programs are loaded or found.
    static func isFree(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
        let isName = name.utf8.allSatisfy { byte in
            (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a || (0x30...0x39).contains(byte) || byte == 0x5f
        }
        let reserved = ["STILLPOINT_", "HOOK_", "LD_", "LVM_", "BASH_FUNC_"]
        return isName && !reserved.contains(where: name.hasPrefix)
            && !["PATH", "IFS", "ENV", "BASH_ENV", "SHELLOPTS", "BASHOPTS"].contains(name)
    }
}
