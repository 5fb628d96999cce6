import Documents
import Lifecycle
import SetModel

/// Reads a policy: everything in it is checked, and every error names file, line and key.
struct PolicyReader {
    let root: DocumentNode

    private static let keys = [
        "id", "description", "state", "targets", "exclude", "schedules", "whenDisabled", "orphans", "orphanAge",
        "extendDeletion", "recompute", "pauseAfterFailures",
    ]

    func policy() throws(DocumentError) -> Policy {
        let fields = try root.fields(Self.keys)
        let idNode = try fields.required("id")
        let id = try identifier(idNode)
        let targets = try self.targets(try fields.required("targets"), fields["exclude"])
        let list = try fields.required("schedules")
        var schedules: [PolicySchedule] = []
        for (index, var item) in try list.list().enumerated() {
            item.subject = "schedule \(index + 1)"
            let schedule = try ScheduleReader(root: item).schedule()
            guard !schedules.contains(where: { $0.id == schedule.id }) else {
                throw item.error("two schedules have the id \(schedule.id)")
            }
            schedules.append(schedule)
        }
        guard !schedules.isEmpty else { throw list.error("a policy has at least one schedule") }
        return Policy(
            id: id, summary: try fields["description"]?.text(), state: try fields["state"]?.choice() ?? .enabled,
            targets: targets, schedules: schedules, retention: try retention(fields))
    }

    private func targets(_ node: DocumentNode, _ exclude: DocumentNode?) throws(DocumentError) -> PolicyTargets {
        var targets = PolicyTargets()
        if node.isMapping {
            let fields = try node.fields(["any", "all", "not"])
            targets.any = try fields["any"].map(words) ?? []
            targets.all = try fields["all"].map(words) ?? []
            targets.not = try fields["not"].map(words) ?? []
        } else {
            targets.any = try words(node)
        }
        guard !targets.any.isEmpty || !targets.all.isEmpty else {
            throw node.error("it names no volume: give a mount point, a device, VG/LV, @tag or VG")
        }
        if let exclude {
            let fields = try exclude.fields(["rootVolume", "tags"])
            targets.excludesRoot = try fields["rootVolume"]?.flag() ?? false
            targets.not += try (fields["tags"].map(words) ?? []).map { $0.hasPrefix("@") ? $0 : "@" + $0 }
        }
        return targets
    }

    private func retention(_ fields: DocumentFields) throws(DocumentError) -> PolicyRetention {
        var retention = PolicyRetention()
        retention.whenDisabled = try fields["whenDisabled"]?.choice() ?? .keep
        retention.orphans = try fields["orphans"]?.choice() ?? .keep
        retention.orphanAge = try fields["orphanAge"].map(age)
        retention.extendDeletion = try fields["extendDeletion"]?.flag() ?? false
        retention.recompute = try fields["recompute"]?.choice() ?? .new
        retention.pauseAfterFailures = try fields["pauseAfterFailures"]?.number(in: 1...1000)
        return retention
    }

    private func words(_ node: DocumentNode) throws(DocumentError) -> [String] {
        if node.isScalar { return [try node.nonemptyText()] }
        var words: [String] = []
        for item in try node.list() { words.append(try item.nonemptyText()) }
        return words
    }
}

/// What stands for a policy or a schedule everywhere: letters, digits and `. _ -`, a letter or digit first.
func identifier(_ node: DocumentNode) throws(DocumentError) -> String {
    let text = try node.text()
    guard PlainName.isName(text) else {
        throw node.error(
            "\(text.debugDescription) cannot be an id: letters, digits and . _ -, at most 64, a letter or digit first")
    }
    return text
}

/// How long something is kept: `30d`, `6mo`.
func age(_ node: DocumentNode) throws(DocumentError) -> RetainAge {
    let text = try node.text()
    guard let age = RetainAge(text) else {
        throw node.error(
            "\(text.debugDescription) is no age: a whole number and one of m, h, d, w, mo, y, at most 100 years")
    }
    return age
}
