import Events
import FoundationEssentials
import Lifecycle
import Metrics
import Policies
import SetModel
import Snapshots

/// A host in numbers.
struct HostMetrics: Sendable {
    private let state: HostState

    init(_ state: HostState) { self.state = state }

    /// In an order that stays.
    var families: [MetricFamily] { host + policies + counters + pools }

    private typealias Sample = MetricFamily.Sample
    private typealias Label = MetricFamily.Label

    // MARK: The host

    private var host: [MetricFamily] {
        [
            MetricFamily(
                .gauge, "stillpoint_build_info", help: "This release of Stillpoint.",
                [Sample(1, Label("version", Version.current))]),
            MetricFamily(
                .gauge, "stillpoint_policy_problems",
                help: "Policy files that cannot be used; nothing is deleted meanwhile.",
                [Sample(Double(state.problems.count))]),
            MetricFamily(
                .gauge, "stillpoint_sets", help: "Snapshot sets by policy and state; without a policy: made by hand.",
                setsByState),
            MetricFamily(
                .gauge, "stillpoint_orphan_sets",
                help: "Sets of policies, schedules or volumes that are gone; absent while that cannot be known.",
                (try? state.orphans.get()).map { [Sample(Double($0))] } ?? []),
            MetricFamily(
                .gauge, "stillpoint_leftover_sets", help: "Sets that have been staged, or half deleted, for an hour.",
                [Sample(Double(state.leftovers.count))]),
            MetricFamily(
                .gauge, "stillpoint_events_undelivered", help: "Events that a sink has not got yet.",
                ((try? state.sinks.get()) ?? []).map { Sample(Double($0.count), Label("sink", $0.sink)) }),
        ]
    }

    /// Also those of which there is none: an alert can count on them.
    private var setsByState: [Sample] {
        var counts: [String: [SetState: Int]] = [:]
        for set in state.sets { counts[set.policy ?? "", default: [:]][set.state, default: 0] += 1 }
        let owners = Swift.Set(state.policies.map(\.id)).union(counts.keys).union([""])
        return owners.sorted().flatMap { owner in
            SetState.allCases.map { state in
                Sample(
                    Double(counts[owner]?[state] ?? 0), Label("policy", owner), Label("state", state.rawValue))
            }
        }
    }

    // MARK: Policies

    private var policies: [MetricFamily] {
        [
            gauge("stillpoint_policy_enabled", "Whether a policy takes sets.") { policy in
                policy.state == .enabled ? 1 : 0
            },
            gauge(
                "stillpoint_policy_failures",
                "Runs that failed since a set was taken, of the schedule of an enabled policy that is worst off."
            ) { policy in
                guard policy.state == .enabled else { return nil }
                return state.memories[policy.id].map { Double($0.failures(of: policy)) }
            },
            gauge(
                "stillpoint_policy_first_seen_timestamp_seconds", unit: "seconds", "When a run saw a policy first."
            ) { policy in
                state.memories[policy.id]?.firstSeen?.timeIntervalSince1970
            },
            gauge(
                "stillpoint_policy_last_success_timestamp_seconds", unit: "seconds", "When a policy took a set last."
            ) { policy in
                state.memories[policy.id]?.lastSuccess?.timeIntervalSince1970
            },
            gauge(
                "stillpoint_policy_newest_set_timestamp_seconds", unit: "seconds",
                "When the newest complete set was taken that a policy still has."
            ) { policy in
                state.newest(of: policy.id)?.createdAt.timeIntervalSince1970
            },
            gauge(
                "stillpoint_policy_max_age_seconds", unit: "seconds",
                "How old the newest set of an enabled policy may become, by its schedules."
            ) { policy in
                guard policy.state == .enabled, !state.idle.contains(policy.id) else { return nil }
                return ExpectedAge.limit(of: policy, at: state.now, state.memories[policy.id]?.handled ?? [:])
            },
            gauge(
                "stillpoint_policy_last_run_duration_seconds", unit: "seconds",
                "How long the last creation of a policy took."
            ) { policy in
                state.memories[policy.id]?.lastRunSeconds
            },
            gauge(
                "stillpoint_policy_last_frozen_window_seconds", unit: "seconds",
                "How long file systems stood still in the last creation of a policy that succeeded."
            ) { policy in
                state.memories[policy.id]?.lastFrozenWindowMs.map { $0 / 1000 }
            },
        ]
    }

    /// One sample for each policy for which there is a value.
    private func gauge(
        _ name: String, unit: String? = nil, _ help: String, _ value: (Policy) -> Double?
    ) -> MetricFamily {
        let samples = state.policies.compactMap { policy in
            value(policy).map { Sample($0, Label("policy", policy.id)) }
        }
        return MetricFamily(.gauge, name, unit: unit, help: help, samples)
    }

    // MARK: Counters

    /// DLM's names in snake case; it counts snapshots of a policy, this program sets. What it has no name for comes
    /// last. Counters go on while a policy's file cannot be read.
    private var counters: [MetricFamily] {
        [counter("resources_targeted", "Volumes of the sets that a policy began.") { $0.resourcesTargeted }]
            + attempts("snapshots_create", \.creations, "Sets that a policy")
            + attempts("snapshots_delete", \.deletions, "Deletions of sets that a policy")
            + attempts("pre_script", \.preScripts, "Attempts to bring applications to rest that a policy")
            + attempts("post_script", \.postScripts, "Attempts to let applications go that a policy")
            + [
                counter("missed_runs", "Runs of a policy for which nothing was taken at their time.") { $0.missedRuns },
                counter(
                    "failsafe_fired",
                    "Cuts of a policy in which what stood was let go, since it took too long; what is let go after the"
                        + " death of a run is told by an event alone."
                ) { $0.failsafeFirings },
            ]
    }

    private func attempts(
        _ name: String, _ attempts: KeyPath<PolicyCounters, PolicyCounters.Attempts>, _ what: String
    ) -> [MetricFamily] {
        [
            counter(name + "_started", what + " began.") { $0[keyPath: attempts].started },
            counter(name + "_completed", what + " completed.") { $0[keyPath: attempts].completed },
            counter(name + "_failed", what + " failed at.") { $0[keyPath: attempts].failed },
        ]
    }

    private func counter(_ name: String, _ help: String, _ value: (PolicyCounters) -> Int) -> MetricFamily {
        let ids = Swift.Set(state.policies.map(\.id)).union(state.memories.keys)
        let samples = ids.sorted().map { id in
            Sample(Double(value(state.memories[id]?.counters ?? PolicyCounters())), Label("policy", id))
        }
        return MetricFamily(.counter, "stillpoint_" + name, help: help, samples)
    }

    // MARK: Pools

    private var pools: [MetricFamily] {
        [
            pool("stillpoint_pool_data_percent", "How full a thin pool's data is.") { $0.dataPercent },
            pool("stillpoint_pool_metadata_percent", "How full a thin pool's metadata is.") { $0.metadataPercent },
        ]
    }

    private func pool(_ name: String, _ help: String, _ value: (Pool) -> Double?) -> MetricFamily {
        let samples = state.pools.compactMap { pool in value(pool).map { Sample($0, Label("pool", pool.name)) } }
        return MetricFamily(.gauge, name, unit: "percent", help: help, samples)
    }
}
