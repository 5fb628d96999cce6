public import Catalog
public import SetModel

/// The catalog of a simulated host, as one process has it open.
public struct SimulatedCatalog: SetStore {
    let host: SimulatedHost
    let process: Int

    /// See `SetStore.save(_:)`: one step.
    public func save(_ set: SnapshotSet) throws(SnapshotError) {
        try change(set.state == .staged ? "save catalog as staged" : "save catalog") { $0[set.id] = set }
    }

    /// See `SetStore.remove(id:)`: one step.
    public func remove(id: SnapshotSet.ID) throws(SnapshotError) {
        try change("remove from catalog") { $0[id] = nil }
    }

    /// See `SetStore.remove(ids:)`: one step.
    public func remove(ids: [SnapshotSet.ID]) throws(SnapshotError) {
        try change("remove from catalog") { catalog in
            for id in ids { catalog[id] = nil }
        }
    }

    /// See `SetStore.set(id:)`.
    public func set(id: SnapshotSet.ID) throws(SnapshotError) -> SnapshotSet? { try all().first { $0.id == id } }

    /// See `SetStore.set(named:)`.
    public func set(named name: String) throws(SnapshotError) -> SnapshotSet? {
        try all().last { $0.name == name }
    }

    /// See `SetStore.all()`.
    public func all() throws(SnapshotError) -> [SnapshotSet] {
        do {
            return try host.with { [process] world in
                try world.step("read catalog", .catalog, process) { world in
                    world.catalog.values.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
                }
            }
        } catch {
            throw SnapshotError(.failed, "the catalog cannot be read", cause: error)
        }
    }

    private func change(
        _ name: String, _ effect: @Sendable (inout [SnapshotSet.ID: SnapshotSet]) -> Void
    ) throws(SnapshotError) {
        do {
            try host.with { [process] world in
                let standing = world.standing
                if !standing.isEmpty { world.violate("the catalog was written while \(standing) stands still") }
                try world.step(name, .catalog, process) { effect(&$0.catalog) }
            }
        } catch {
            throw SnapshotError(.failed, "the catalog cannot be written", cause: error)
        }
    }
}
