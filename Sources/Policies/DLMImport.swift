import Documents
import Lifecycle
import SetModel
public import SystemPackage

/// A policy of Amazon DLM as a policy of ours: what `aws dlm get-lifecycle-policy` prints, or its PolicyDetails alone.
public struct DLMImport: Sendable {
    public private(set) var draft: PolicyDraft
    /// What has no equivalent here, or another meaning, a sentence each.
    public private(set) var remarks: [String] = []
    /// Of all schedules: a set for all of them has each.
    var tagKeys: Set<String> = []

    /// - Parameters:
    ///   - text: JSON.
    ///   - id: the policy's id; `nil`: DLM's.
    ///   - targets: what it is for; empty: what has DLM's target tags.
    /// - Throws: ``DocumentError``.
    public init(_ text: String, file: FilePath, id: String? = nil, targets: [String] = []) throws {
        let root = try DocumentNode(parsingJSON: text, file: file)
        draft = PolicyDraft(id: id ?? "imported")
        draft.targets = targets
        let outer = try Self.pairs(root)
        let policy = try outer["Policy"].map(Self.pairs) ?? outer
        let details = try policy["PolicyDetails"].map(Self.pairs) ?? policy
        guard details["Schedules"] != nil || details["CreateInterval"] != nil || details["EventSource"] != nil else {
            throw root.error("this is no policy of Amazon DLM: it has no PolicyDetails")
        }
        if id == nil, let own = try policy["PolicyId"]?.text(), PlainName.isName(own) { draft.id = own }
        draft.summary = try policy["Description"]?.text()
        try readState(policy)
        try readDetails(details, root)
    }

    private mutating func readState(_ policy: [String: DocumentNode]) throws(DocumentError) {
        switch try policy["State"]?.text() {
        case "DISABLED": draft.state = .disabled
        case "ERROR":
            draft.state = .disabled
            remarks.append("State: it is in ERROR there; it is DISABLED here until you enable it")
        default: break
        }
        for (key, what) in [
            ("ExecutionRoleArn", "this program runs as root"), ("Tags", "tags of the policy itself"),
        ] where policy[key] != nil { note(key, what) }
    }

    private mutating func readDetails(_ details: [String: DocumentNode], _ root: DocumentNode) throws(DocumentError) {
        switch try details["PolicyType"]?.text() {
        case "EVENT_BASED_POLICY":
            throw root.error(
                "an event-based policy copies snapshots that are shared between accounts: nothing here does")
        case "IMAGE_MANAGEMENT": note("PolicyType", "sets are taken instead of machine images")
        default: break
        }
        if details["Schedules"] == nil { try readDefault(details) } else { try readCustom(details, root) }
        if try details["ExtendDeletion"]?.flag() == true { extendDeletion() }
        let known: Set<String> = [
            "PolicyType", "PolicyLanguage", "ResourceTypes", "ResourceType", "ResourceLocations", "TargetTags",
            "Schedules", "Parameters", "CreateInterval", "RetainInterval", "CopyTags", "ExtendDeletion", "Exclusions",
        ]
        for key in details.keys.sorted() where !known.contains(key) { note(key) }
        for location in try details["ResourceLocations"]?.texts() ?? [] where location != "CLOUD" {
            note("ResourceLocations", location)
        }
    }

    /// DLM's word is also for the sets of a policy that takes none any more.
    private mutating func extendDeletion() {
        draft.more.append(("extendDeletion", .flag(true)))
        draft.more.append(("whenDisabled", .text("expire")))
        note(
            "ExtendDeletion of a policy that was deleted",
            "orphans and orphanAge in stillpoint.yaml decide what becomes of its sets")
        note("ExtendDeletion of a policy in ERROR", "runs that fail stop deleting, unless pauseAfterFailures is 0")
        note("ExtendDeletion of the last set", "that of a volume which is still there stays")
    }

    private mutating func readCustom(_ details: [String: DocumentNode], _ root: DocumentNode) throws(DocumentError) {
        let kinds = try details["ResourceTypes"]?.texts() ?? []
        if kinds == ["VOLUME"] {
            note("ResourceTypes VOLUME", "all volumes are in one set, of one instant, and count together")
        }
        if kinds == ["INSTANCE"], draft.targets.isEmpty {
            note(
                "ResourceTypes INSTANCE",
                "its target tags were the instance's; here the volumes need them: `lvchange --addtag TAG VG/LV`")
        }
        try readTargets(details["TargetTags"], root)
        if let parameters = try details["Parameters"].map(Self.pairs) {
            if try parameters["ExcludeBootVolume"]?.flag() == true { draft.exclude.append(("rootVolume", .flag(true))) }
            exclude(try DLMTag.all(of: parameters["ExcludeDataVolumeTags"]), "ExcludeDataVolumeTags")
            if parameters["NoReboot"] != nil { note("NoReboot", "nothing is rebooted") }
            noteUnknown(in: parameters, "Parameters", ["ExcludeBootVolume", "ExcludeDataVolumeTags", "NoReboot"])
        }
        for schedule in try details["Schedules"]?.list() ?? [] {
            draft.parts.append(try part(try Self.pairs(schedule), schedule))
        }
    }

    private mutating func readTargets(_ node: DocumentNode?, _ root: DocumentNode) throws(DocumentError) {
        let tags = try DLMTag.all(of: node)
        guard draft.targets.isEmpty else {
            if !tags.isEmpty {
                note("TargetTags " + tags.map(\.text).joined(separator: ", "), "--target says what it is for instead")
            }
            return
        }
        for tag in tags where tag.target == nil {
            note("TargetTags \(tag.text)", "LVM cannot hold such a tag; name the volumes in targets")
        }
        draft.targets = tags.compactMap(\.target)
        guard !draft.targets.isEmpty else {
            throw (node ?? root).error("it has no target tag that LVM can hold: give --target, once for each target")
        }
    }

    /// DLM's default policy.
    private mutating func readDefault(_ details: [String: DocumentNode]) throws(DocumentError) {
        if !draft.targets.isEmpty { note("default policy", "it is for what --target says, and for nothing else") }
        var part = PolicyDraft.Part(id: "default")
        let days = try details["CreateInterval"]?.number(in: 1...7) ?? 1
        part.create = [("interval", .number(days)), ("unit", .text("DAYS")), ("timeZone", .text("UTC"))]
        part.retain = [("age", .text("\(try details["RetainInterval"]?.number(in: 2...14) ?? 7)d"))]
        if try details["CopyTags"]?.flag() == true { part.more.append(("copyTags", .flag(true))) }
        if let exclusions = try details["Exclusions"].map(Self.pairs) {
            if try exclusions["ExcludeBootVolumes"]?.flag() == true {
                draft.exclude.append(("rootVolume", .flag(true)))
            }
            exclude(try DLMTag.all(of: exclusions["ExcludeTags"]), "ExcludeTags")
            if exclusions["ExcludeVolumeTypes"] != nil { note("ExcludeVolumeTypes") }
            noteUnknown(in: exclusions, "Exclusions", ["ExcludeBootVolumes", "ExcludeTags", "ExcludeVolumeTypes"])
        }
        draft.parts = [part]
    }

    private mutating func exclude(_ tags: [DLMTag], _ name: String) {
        for tag in tags where tag.target == nil {
            note("\(name) \(tag.text)", "LVM cannot hold such a tag; name the volumes in exclude")
        }
        let words = tags.compactMap(\.target)
        if !words.isEmpty { draft.exclude.append(("tags", .texts(words))) }
    }

    /// DLM may learn what nobody here knows of: it is not dropped in silence.
    mutating func noteUnknown(in fields: [String: DocumentNode], _ place: String, _ known: Set<String>) {
        for key in fields.keys.sorted() where !known.contains(key) { note("\(place).\(key)") }
    }

    mutating func note(_ what: String, _ why: String = "it has no equivalent") { remark("\(what): \(why)") }

    mutating func remark(_ sentence: String) { remarks.append(sentence) }

    /// What is `null` is not there.
    static func pairs(_ node: DocumentNode) throws(DocumentError) -> [String: DocumentNode] {
        var pairs: [String: DocumentNode] = [:]
        for (key, _, value) in try node.pairs() where !value.isNull { pairs[key] = value }
        return pairs
    }
}
