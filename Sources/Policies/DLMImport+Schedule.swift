import Documents
import SetModel

extension DLMImport {
    mutating func part(
        _ fields: [String: DocumentNode], _ node: DocumentNode
    ) throws(DocumentError) -> PolicyDraft.Part {
        let name = try fields["Name"]?.text() ?? "schedule"
        var part = PolicyDraft.Part(id: unusedID(name))
        if part.id != name { remark("Name \(name.debugDescription): the schedule's id is \(part.id)") }
        guard let create = try fields["CreateRule"].map(Self.pairs) else { throw node.error("it has no CreateRule") }
        part.create = try creation(create, name)
        if let scripts = try create["Scripts"]?.list().first { part.more += try self.scripts(scripts, name) }
        guard let retain = try fields["RetainRule"].map(Self.pairs) else { throw node.error("it has no RetainRule") }
        part.retain = try retention(retain, node, name)
        if try fields["CopyTags"]?.flag() == true { part.more.append(("copyTags", .flag(true))) }
        for (key, ours) in [("TagsToAdd", "tagsToAdd"), ("VariableTags", "variableTags")] {
            let all = try DLMTag.all(of: fields[key])
            var keys: Set<String> = []
            for tag in all where !keys.insert(tag.key).inserted {
                throw node.error("\(key) has two tags \(tag.key.debugDescription)")
            }
            let tags = possible(all, hasVariables: key == "VariableTags", "\(name): \(key)")
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

    /// Those that a set can have.
    private mutating func possible(_ tags: [DLMTag], hasVariables: Bool, _ place: String) -> [DLMTag] {
        tags.filter { tag in
            var problem = tag.problem(hasVariables: hasVariables)
            if problem == nil, tagKeys.count == SetTag.most, !tagKeys.contains(tag.key) {
                problem = "a set has at most \(SetTag.most) tags"
            }
            if let problem {
                note("\(place) \(tag.text)", "\(problem), so it is left out")
            } else {
                tagKeys.insert(tag.key)
            }
            return problem == nil
        }
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
        remark(
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
            let count = try retries.number(in: 0...3)
            fields.append(("retries", .number(count)))
            if count > 0 { note("\(name): MaximumRetryCount", "a post-script that fails is not run again by itself") }
        }
        if let fallback = script["ExecuteOperationOnScriptFailure"] {
            fields.append(("onFailure", .text(try fallback.flag() ? "crash-consistent" : "skip")))
        }
        return [("scripts", .fields(fields))]
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
}
