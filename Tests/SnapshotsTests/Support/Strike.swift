import SetModel
import Simulation
import Testing

/// One fault at one step of a run.
struct Strike: Sendable, CustomTestStringConvertible {
    let layout: Layout
    /// As it was before the run.
    let before: SimulatedHost
    let index: Int
    let step: Step
    let kind: Fault.Kind

    /// The host, just before the run.
    func bench() throws -> Bench { try Bench(before.copy()) }

    var fault: Fault { Fault(kind, at: .index(index)) }
    var testDescription: String { "\(layout.testDescription): \(kind.rawValue) at \(index) \"\(step)\"" }
    var comment: Comment { "\(testDescription)" }

    /// Every way in which every step of a run without faults can go wrong.
    static func all(
        _ layouts: [Layout], _ prepare: (Bench, Layout) async throws -> Void,
        _ run: (Bench, Layout) async throws -> Void
    ) async throws -> [Strike] {
        var result: [Strike] = []
        for layout in layouts {
            let bench = try Bench(layout.host())
            try await prepare(bench, layout)
            bench.host.inject()
            let before = bench.host.copy()
            try await run(bench, layout)
            for (index, step) in bench.host.trace.enumerated() {
                for kind in step.kinds {
                    result.append(Strike(layout: layout, before: before, index: index, step: step, kind: kind))
                }
            }
        }
        return result
    }

    /// Of a `create` beside an older set.
    static func inCreate(_ layouts: [Layout]) async throws -> [Strike] {
        try await all(layouts) { bench, layout in
            try await bench.create(layout.targets, name: "old")
        } _: { bench, layout in
            try await bench.create(layout.targets, name: "new")
        }
    }

    /// Of the `delete` of a set beside an older one.
    static func inDelete(_ layouts: [Layout]) async throws -> [Strike] {
        try await all(layouts) { bench, layout in
            try await bench.create(layout.targets, name: "old")
            try await bench.create(layout.targets, name: "new")
        } _: { bench, _ in
            try await bench.delete("new")
        }
    }
}

extension Strike {
    /// Of the `delete` of two sets beside an older one.
    static func inDeleteOfTwo(_ layouts: [Layout]) async throws -> [Strike] {
        try await all(layouts) { bench, layout in
            for name in ["old", "new", "newer"] { try await bench.create(layout.targets, name: name) }
        } _: { bench, _ in
            try await bench.delete(["new", "newer"])
        }
    }
}

/// How a call ends when something goes wrong.
enum Ending: Equatable {
    case done
    case error(SnapshotError.Code)
    /// Whoever asked is dead.
    case nothing
}
