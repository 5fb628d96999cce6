import Documents
import Lifecycle
import SetModel

/// Reads one schedule of a policy.
struct ScheduleReader {
    let root: DocumentNode

    private static let keys = ["id", "create", "retain", "copyTags", "tagsToAdd", "variableTags", "scripts"]
    private static let timings = ["cron", "every", "onCalendar", "interval"]
    private static let createKeys = timings + ["unit", "times", "timeZone", "jitter", "missedRuns"]
    private static let scriptKeys = ["hooks", "stages", "parameters", "sha256", "timeout", "retries", "onFailure"]

    func id() throws(DocumentError) -> String { try root.fields(Self.keys).required("id").identifier() }

    /// The schedule's values, with its id in errors.
    private func fields() throws(DocumentError) -> DocumentFields {
        var fields = try root.fields(Self.keys)
        let id = try fields.required("id").identifier()
        fields.node.subject = "schedule \(id)"
        return fields
    }

    /// For a schedule that was read without an error.
    func places() throws(DocumentError) -> PolicyPlaces.Schedule {
        let fields = try fields()
        let create = try fields.required("create").fields(Self.createKeys)
        var places = PolicyPlaces.Schedule(timing: create.node)
        for key in Self.timings {
            if let node = create[key] { places.timing = node }
        }
        if let scripts = fields["scripts"] { places.hooks = try scripts.fields(Self.scriptKeys)["hooks"] }
        return places
    }

    func schedule() throws(DocumentError) -> PolicySchedule {
        let fields = try fields()
        let id = try fields.required("id").identifier()
        return PolicySchedule(
            schedule: try created(id, try fields.required("create")), retain: try retain(try fields.required("retain")),
            tags: try PolicyTagReader(fields: fields).tags(), scripts: try fields["scripts"].map(scripts))
    }

    private func created(_ id: String, _ node: DocumentNode) throws(DocumentError) -> Schedule {
        let fields = try node.fields(Self.createKeys)
        let given = Self.timings.filter { fields[$0] != nil }
        guard given.count == 1, let kind = given.first, let value = fields[kind] else {
            throw node.error("give one of \(Self.timings.joined(separator: ", "))")
        }
        for key in ["unit", "times"] where kind != "interval" {
            if let node = fields[key] { throw node.error("it goes with interval only") }
        }
        let timing = try timing(kind, value, fields)
        let zoneNode = fields["timeZone"]
        let zoneName = try zoneNode?.text()
        let jitter = try fields["jitter"]?.duration(from: .seconds(0), to: Schedule.longestJitter) ?? .zero
        let missed: MissedRunRule = try fields["missedRuns"]?.choice() ?? .catchUp
        return try placed(zoneNode ?? value) { () throws(ScheduleError) in
            try Schedule(
                id: id, timing: timing, zone: try zoneName.map { name throws(ScheduleError) in try Zone(named: name) },
                jitter: jitter, missedRuns: missed)
        }
    }

    private func timing(
        _ kind: String, _ value: DocumentNode, _ fields: DocumentFields
    ) throws(DocumentError) -> Timing {
        switch kind {
        case "interval":
            let count = try value.number(in: 1...100_000)
            let unit: Timing.IntervalUnit = try fields["unit"]?.choice() ?? .hours
            let times = try fields["times"]?.texts() ?? []
            do { return try Timing.interval(count, unit: unit, times: times) } catch {
                // It says itself which of the two it is about.
                throw (fields[error.field] ?? value).error(error.description)
            }
        case "every":
            let text = try value.text()
            return try placed(value) { () throws(ScheduleError) in try Timing.every(text) }
        case "onCalendar":
            let text = try value.text()
            return try placed(value) { () throws(ScheduleError) in try Timing.calendar(text) }
        default:
            let text = try value.text()
            return try placed(value) { () throws(ScheduleError) in try Timing.cron(text) }
        }
    }

    /// Gives an error of a schedule its place in the file.
    private func placed<Value>(
        _ node: DocumentNode, _ body: () throws(ScheduleError) -> Value
    ) throws(DocumentError) -> Value {
        do { return try body() } catch { throw node.error(error.description) }
    }

    private func retain(_ node: DocumentNode) throws(DocumentError) -> RetainRule {
        let fields = try node.fields(["count", "age", "keepLast"] + RetainSlot.allCases.map(\.rawValue))
        var slots: [RetainSlot: Int] = [:]
        for slot in RetainSlot.allCases {
            slots[slot] = try fields[slot.rawValue]?.number(in: RetainRule.limits)
        }
        let count = try fields["count"]?.number(in: RetainRule.limits)
        let keepLast = try fields["keepLast"]?.number(in: RetainRule.limits) ?? 1
        let age = try fields["age"]?.retainAge()
        do { return try RetainRule(count: count, age: age, slots: slots, keepLast: keepLast) } catch {
            throw node.error("\(error)")
        }
    }

    /// What they may be called, the document says.
    private func parameters(_ node: DocumentNode) throws(DocumentError) -> [String: String] {
        var parameters: [String: String] = [:]
        for (key, _, value) in try node.pairs() { parameters[key] = try value.text() }
        return parameters
    }

    private func scripts(_ node: DocumentNode) throws(DocumentError) -> PolicyScripts {
        let fields = try node.fields(Self.scriptKeys)
        var scripts = PolicyScripts(document: try fields.required("hooks").nonemptyText())
        scripts.parameters = try fields["parameters"].map(parameters) ?? [:]
        if let stages = fields["stages"] {
            scripts.stages = []
            for node in try stages.list() { scripts.stages.append(try node.choice()) }
            guard !scripts.stages.isEmpty else { throw stages.error("name pre, post or both") }
        }
        if let digest = fields["sha256"] {
            let text = try digest.text()
            guard let sha256 = DigestText.sha256(text) else {
                throw digest.error("\(text.debugDescription) is no SHA-256: it has 64 hexadecimal digits")
            }
            scripts.sha256 = sha256
        }
        if let timeout = fields["timeout"] {
            scripts.timeout = try timeout.duration(from: .seconds(1), to: .seconds(3600))
        }
        scripts.retries = try fields["retries"]?.number(in: 0...3) ?? 0
        scripts.onFailure = try fields["onFailure"]?.choice() ?? .crashConsistent
        return scripts
    }
}
