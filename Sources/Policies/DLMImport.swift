import Documents
import Lifecycle
import SetModel
public import SystemPackage

/// A policy of Amazon DLM as a policy of ours: what `aws dlm get-lifecycle-policy` prints, or its PolicyDetails alone.
public struct DLMImport: Sendable {
    public private(set) var draft: PolicyDraft
    /// What has no equivalent here, or another meaning, a sentence each.
    public private(set) var remarks: [String] = []

    /// - Parameters:
    ///   - text: JSON.
    ///   - id: the policy's id; `nil`: DLM's.
    /// - Throws: ``DocumentError``.
    public init(_ text: String, file: FilePath, id: String? = nil) throws {
        let root = try DocumentNode(parsingJSON: text, file: file)
        draft = PolicyDraft(id: id ?? "imported")
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
        let known: Set<String> = [
            "PolicyType", "PolicyLanguage", "ResourceTypes", "ResourceType", "ResourceLocations", "TargetTags",
            "Schedules", "Parameters", "CreateInterval", "RetainInterval", "CopyTags", "ExtendDeletion", "Exclusions",
        ]
        for key in details.keys.sorted() where !known.contains(key) { note(key) }
        for location in try details["ResourceLocations"]?.texts() ?? [] where location != "CLOUD" {
            note("ResourceLocations", location)
        }
    }

    private mutating func readCustom(_ details: [String: DocumentNode], _ root: DocumentNode) throws(DocumentError) {
        let kinds = try details["ResourceTypes"]?.texts() ?? []
        if kinds == ["VOLUME"] {
            note("ResourceTypes VOLUME", "all volumes are in one set, of one instant, and count together")
        }
        if kinds == ["INSTANCE"] {
            note(
                "ResourceTypes INSTANCE",
                "its target tags were the instance's; here the volumes need them: `lvchange --addtag TAG VG/LV`")
        }
        for tag in try Self.tags(details["TargetTags"]) {
            if let word = Self.lvmTag(tag) {
                draft.targets.append(word)
            } else {
                note("TargetTags \(tag.key)=\(tag.value)", "LVM cannot hold such a tag; name the volumes in targets")
            }
        }
        guard !draft.targets.isEmpty else {
            throw (details["TargetTags"] ?? root).error("it has no target tag that LVM can hold")
        }
        if let parameters = try details["Parameters"].map(Self.pairs) {
            if try parameters["ExcludeBootVolume"]?.flag() == true { draft.exclude.append(("rootVolume", .flag(true))) }
            exclude(try Self.tags(parameters["ExcludeDataVolumeTags"]), "ExcludeDataVolumeTags")
            if parameters["NoReboot"] != nil { note("NoReboot", "nothing is rebooted") }
            noteUnknown(in: parameters, "Parameters", ["ExcludeBootVolume", "ExcludeDataVolumeTags", "NoReboot"])
        }
        for schedule in try details["Schedules"]?.list() ?? [] {
            draft.parts.append(try part(try Self.pairs(schedule), schedule))
        }
    }

    /// DLM's default policy.
    private mutating func readDefault(_ details: [String: DocumentNode]) throws(DocumentError) {
        var part = PolicyDraft.Part(id: "default")
        let days = try details["CreateInterval"]?.number(in: 1...7) ?? 1
        part.create = [("interval", .number(days)), ("unit", .text("DAYS")), ("timeZone", .text("UTC"))]
        part.retain = [("age", .text("\(try details["RetainInterval"]?.number(in: 2...14) ?? 7)d"))]
        if try details["CopyTags"]?.flag() == true { part.more.append(("copyTags", .flag(true))) }
        if try details["ExtendDeletion"]?.flag() == true { draft.more.append(("extendDeletion", .flag(true))) }
        if let exclusions = try details["Exclusions"].map(Self.pairs) {
            if try exclusions["ExcludeBootVolumes"]?.flag() == true {
                draft.exclude.append(("rootVolume", .flag(true)))
            }
            exclude(try Self.tags(exclusions["ExcludeTags"]), "ExcludeTags")
            if exclusions["ExcludeVolumeTypes"] != nil { note("ExcludeVolumeTypes") }
            noteUnknown(in: exclusions, "Exclusions", ["ExcludeBootVolumes", "ExcludeTags", "ExcludeVolumeTypes"])
        }
        draft.parts = [part]
    }

    private mutating func part(
        _ fields: [String: DocumentNode], _ node: DocumentNode
    ) throws(DocumentError) -> PolicyDraft.Part {
        let name = try fields["Name"]?.text() ?? "schedule"
        var part = PolicyDraft.Part(id: unusedID(name))
        if part.id != name { remarks.append("Name \(name.debugDescription): the schedule's id is \(part.id)") }
        guard let create = try fields["CreateRule"].map(Self.pairs) else { throw node.error("it has no CreateRule") }
        part.create = try creation(create, name)
        if let scripts = try create["Scripts"]?.list().first { part.more += try self.scripts(scripts, name) }
        guard let retain = try fields["RetainRule"].map(Self.pairs) else { throw node.error("it has no RetainRule") }
        part.retain = try retention(retain, node, name)
        if try fields["CopyTags"]?.flag() == true { part.more.append(("copyTags", .flag(true))) }
        for (key, ours) in [("TagsToAdd", "tagsToAdd"), ("VariableTags", "variableTags")] {
            let tags = try Self.tags(fields[key])
            var values: [String: String] = [:]
            for tag in tags where values.updateValue(tag.value, forKey: tag.key) != nil {
                throw node.error("\(key) has two tags \(tag.key.debugDescription)")
            }
            guard !tags.isEmpty else { continue }
            part.more.append((ours, .fields(tags.map { (key: $0.key, value: .text($0.value)) })))
        }
        let known: Set<String> = ["Name", "CreateRule", "RetainRule", "CopyTags", "TagsToAdd", "VariableTags"]
        for key in fields.keys.sorted() where !known.contains(key) {
            let isEmpty = !(fields[key]?.isScalar ?? true) && (try? fields[key]?.list())?.isEmpty == true
            if !isEmpty { note("\(name): \(key)") }
        }
        return part
    }

    /// DLM's times are UTC.
    private mutating func creation(
        _ rule: [String: DocumentNode], _ name: String
    ) throws(DocumentError) -> [(key: String, value: DocumentValue)] {
        var fields: [(key: String, value: DocumentValue)] = []
        if let cron = rule["CronExpression"] {
            fields.append(("cron", .text(try cron.text())))
        } else if let interval = rule["Interval"] {
            fields.append(("interval", .number(try interval.number(in: 1...24))))
            fields.append(("unit", .text(try rule["IntervalUnit"]?.text() ?? "HOURS")))
            let times = try rule["Times"]?.texts() ?? []
            if !times.isEmpty { fields.append(("times", .texts(times))) }
        }
        if let location = try rule["Location"]?.text(), location != "CLOUD" { note("\(name): Location \(location)") }
        noteUnknown(
            in: rule, "\(name): CreateRule",
            ["CronExpression", "Interval", "IntervalUnit", "Times", "Location", "Scripts"])
        return fields + [("timeZone", .text("UTC"))]
    }

    private mutating func retention(
        _ rule: [String: DocumentNode], _ node: DocumentNode, _ name: String
    ) throws(DocumentError) -> [(key: String, value: DocumentValue)] {
        noteUnknown(in: rule, "\(name): RetainRule", ["Count", "Interval", "IntervalUnit"])
        if let count = rule["Count"] {
            let number = try count.number(in: 0...1000)
            if number == 0 { note("\(name): RetainRule 0", "what it archives has no equivalent; one set is kept") }
            return [("count", .number(max(number, 1)))]
        }
        guard let interval = rule["Interval"] else { throw node.error("its RetainRule has neither Count nor Interval") }
        let units = ["DAYS": "d", "WEEKS": "w", "MONTHS": "mo", "YEARS": "y"]
        let unit = try rule["IntervalUnit"]?.text() ?? "DAYS"
        guard let letter = units[unit] else { throw node.error("IntervalUnit \(unit.debugDescription) is not known") }
        let number = try interval.number(in: 0...36_500)
        if number == 0 { note("\(name): RetainRule 0", "what it archives has no equivalent; a day is kept") }
        return [("age", .text("\(max(number, 1))\(number == 0 ? "d" : letter)"))]
    }

    private mutating func scripts(
        _ node: DocumentNode, _ name: String
    ) throws(DocumentError) -> [(key: String, value: DocumentValue)] {
        let script = try Self.pairs(node)
        noteUnknown(
            in: script, "\(name): Scripts",
            [
                "Stages", "ExecutionHandlerService", "ExecutionHandler", "ExecuteOperationOnScriptFailure",
                "ExecutionTimeout", "MaximumRetryCount",
            ])
        let handler = try script["ExecutionHandler"]?.text() ?? ""
        guard handler != "AWS_VSS_BACKUP", !handler.isEmpty else {
            note("\(name): AWS_VSS_BACKUP", "for Windows in virtual machines use the document qemu-guest")
            return []
        }
        // The name of an SSM document, or its ARN.
        let document = handler.split(whereSeparator: { $0 == "/" || $0 == ":" }).last.map(String.init) ?? handler
        remarks.append(
            "\(name): the hook document \(document) is wanted in hooks.d; SSM documents run there unchanged")
        var fields: [(key: String, value: DocumentValue)] = [("hooks", .text(document))]
        let stages = try script["Stages"]?.texts() ?? []
        switch stages {
        case ["PRE"]:
            // What such a document brings to rest, its post-script lets go.
            note("\(name): Stages PRE", "the document's post-script is run, too")
        case ["POST"]: fields.append(("stages", .texts(["post"])))
        default: break
        }
        if let timeout = script["ExecutionTimeout"] {
            fields.append(("timeout", .text("\(try timeout.number(in: 1...3600))s")))
        }
        if let retries = script["MaximumRetryCount"] {
            fields.append(("retries", .number(try retries.number(in: 0...3))))
        }
        if let fallback = script["ExecuteOperationOnScriptFailure"] {
            fields.append(("onFailure", .text(try fallback.flag() ? "crash-consistent" : "skip")))
        }
        return [("scripts", .fields(fields))]
    }

    private mutating func exclude(_ tags: [(key: String, value: String)], _ name: String) {
        for tag in tags where Self.lvmTag(tag) == nil {
            note("\(name) \(tag.key)=\(tag.value)", "LVM cannot hold such a tag; name the volumes in exclude")
        }
        let words = tags.compactMap { Self.lvmTag($0) }
        if !words.isEmpty { draft.exclude.append(("tags", .texts(words))) }
    }

    /// DLM may learn what nobody here knows of: it is not dropped in silence.
    private mutating func noteUnknown(in fields: [String: DocumentNode], _ place: String, _ known: Set<String>) {
        for key in fields.keys.sorted() where !known.contains(key) { note("\(place).\(key)") }
    }

    private mutating func note(_ what: String, _ why: String = "it has no equivalent") {
        remarks.append("\(what): \(why)")
    }

    private func unusedID(_ name: String) -> String {
        var id = String(name.map { PlainName.isID(String($0)) ? $0 : "-" }.prefix(60))
        if !PlainName.isName(id) { id = "schedule" }
        var number = 1
        var result = id
        while draft.parts.contains(where: { $0.id == result }) {
            number += 1
            result = "\(id)-\(number)"
        }
        return result
    }

    // MARK: JSON

    private static func pairs(_ node: DocumentNode) throws(DocumentError) -> [String: DocumentNode] {
        var pairs: [String: DocumentNode] = [:]
        for (key, _, value) in try node.pairs() where !value.isNull { pairs[key] = value }
        return pairs
    }

    /// `[{"Key": ..., "Value": ...}]`
    private static func tags(_ node: DocumentNode?) throws(DocumentError) -> [(key: String, value: String)] {
        var tags: [(key: String, value: String)] = []
        for item in try node?.list() ?? [] {
            let fields = try pairs(item)
            guard let key = try fields["Key"]?.text() else { throw item.error("this tag has no Key") }
            tags.append((key, try fields["Value"]?.text() ?? ""))
        }
        return tags
    }

    /// `@KEY=VALUE`, if LVM can hold it (lvm(8), "tags").
    private static func lvmTag(_ tag: (key: String, value: String)) -> String? {
        let text = tag.value.isEmpty ? tag.key : tag.key + "=" + tag.value
        return VolumeTag.isSpelled(text) && text.utf8.count <= VolumeTag.maximumLength ? "@" + text : nil
    }
}
