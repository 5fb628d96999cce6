import Lifecycle

/// Sees whether deleting sets helps a pool that is too full.
struct PressureWatch {
    /// So many sets may go without that the pool gets emptier.
    private static let patience = 3
    private var seen: [String: (percent: Double, times: Int)] = [:]

    /// Looks at a plan that was carried out. Returns a pool that sets were deleted for in vain.
    mutating func poolWithoutRelief(_ plan: RetentionPlan) -> String? {
        for decision in plan.decisions {
            guard case .poolPressure(let pool, _, let percent, _) = decision.reason else { continue }
            let before = seen[pool]
            let isRelieved = before.map { percent < $0.percent } ?? true
            seen[pool] = (percent, isRelieved ? 1 : (before?.times ?? 0) + 1)
            if seen[pool]?.times ?? 0 > Self.patience { return pool }
        }
        return nil
    }
}
