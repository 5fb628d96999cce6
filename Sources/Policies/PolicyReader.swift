import Documents
import Lifecycle
import SetModel

/// Reads a policy: everything in it is checked, and every error names file, line and key.
struct PolicyReader {
    let root: DocumentNode

    private static let groups = ["any", "all", "not"]
    private static let keys = [
        "id", "description", "state", "targets", "exclude", "schedules", "whenDisabled", "orphans", "orphanAge",
        "extendDeletion", "recompute", "pauseAfterFailures", "trash", "poolPressure", "default",
    ]

    /// Where a policy says what can turn out to be wrong only later. For one that was read without an error.
    func places() throws(DocumentError) -> PolicyPlaces {
        let fields = try root.fields(Self.keys)
        var places = PolicyPlaces(id: try fields.required("id"))
        if let node = fields["targets"] {
            if node.isMapping {
                let groups = try node.fields(Self.groups)
                for key in ["any", "all"] { places.targets += try groups[key].map(items) ?? [] }
            } else {
                places.targets = try items(node)
            }
        }
        for item in try fields.required("schedules").list() {
            let schedule = ScheduleReader(root: item)
            let id = try schedule.id()
            places.schedules[id] = try schedule.places()
        }
        return places
    }

    func policy() throws(DocumentError) -> Policy {
        let fields = try root.fields(Self.keys)
        let idNode = try fields.required("id")
        let id = try idNode.identifier()
        let targets = try self.targets(fields)
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
        // `run ID` takes one set for all of them.
        let tags = schedules.reduce(into: Set<String>()) { $0.formUnion($1.tags.names) }
        guard tags.count <= SetTag.most else {
            throw list.error("together they have \(tags.count) tags; a set for all of them has at most \(SetTag.most)")
        }
        return Policy(
            id: id, summary: try fields["description"]?.text(), state: try fields["state"]?.choice() ?? .enabled,
            targets: targets, schedules: schedules, retention: try retention(fields))
    }

    private func targets(_ fields: DocumentFields) throws(DocumentError) -> PolicyTargets {
        var targets = PolicyTargets()
        if let flag = fields["default"], try flag.flag() {
            if let node = fields["targets"] {
                throw node.error("a default policy is for all volumes that no other is for: leave targets out")
            }
            targets.isDefault = true
        } else {
            try read(try fields.required("targets"), into: &targets)
        }
        if let exclude = fields["exclude"] {
            let fields = try exclude.fields(["rootVolume", "volumes", "tags"])
            targets.excludesRoot = try fields["rootVolume"]?.flag() ?? false
            targets.not += try fields["volumes"].map(words) ?? []
            targets.not += try (fields["tags"].map(words) ?? []).map { $0.hasPrefix("@") ? $0 : "@" + $0 }
        }
        return targets
    }

    private func read(_ node: DocumentNode, into targets: inout PolicyTargets) throws(DocumentError) {
        if node.isMapping {
            let fields = try node.fields(Self.groups)
            targets.any = try fields["any"].map(words) ?? []
            targets.all = try fields["all"].map(words) ?? []
            targets.not = try fields["not"].map(words) ?? []
        } else {
            targets.any = try words(node)
        }
        guard !targets.any.isEmpty || !targets.all.isEmpty else {
            throw node.error("it names no volume: give a mount point, a device, VG/LV, @tag or VG")
        }
    }

    private func retention(_ fields: DocumentFields) throws(DocumentError) -> PolicyRetention {
        var retention = PolicyRetention()
        retention.whenDisabled = try fields["whenDisabled"]?.choice() ?? .keep
        retention.orphans = try fields["orphans"]?.choice() ?? .keep
        retention.orphanAge = try fields["orphanAge"]?.retainAge()
        retention.extendDeletion = try fields["extendDeletion"]?.flag() ?? false
        retention.recompute = try fields["recompute"]?.choice() ?? .new
        retention.pauseAfterFailures = try fields["pauseAfterFailures"]?.number(in: 0...1000)
        retention.trash = try fields["trash"]?.retainAge()
        retention.poolPressure = try fields["poolPressure"].map { node throws(DocumentError) in
            Double(try node.number(in: 1...99))
        }
        return retention
    }

    private func words(_ node: DocumentNode) throws(DocumentError) -> [String] {
        var words: [String] = []
        for item in try items(node) { words.append(try item.nonemptyText()) }
        return words
    }

    /// One value, or those of a list.
    private func items(_ node: DocumentNode) throws(DocumentError) -> [DocumentNode] {
        node.isScalar ? [node] : try node.list()
    }
}
