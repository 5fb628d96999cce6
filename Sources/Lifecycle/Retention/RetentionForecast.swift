public import FoundationEssentials

extension RetentionPolicy {
    /// How many sets there are right after the last of these runs, when every run makes one set and nothing else
    /// happens. Give runs over as long as the rules reach back, and it is the number to expect for good.
    ///
    /// - Parameter runs: Of each schedule, by its id. Runs of the same instant make one set.
    public func forecast(runs: [String: [Date]]) -> Int {
        var schedules: [Date: Set<String>] = [:]
        for (id, dates) in runs {
            for date in dates { schedules[date, default: []].insert(id) }
        }
        guard let last = schedules.keys.max() else { return 0 }
        let sets = schedules.map { date, ids in
            let id = String(date.timeIntervalSince1970)
            return RetainedSet(id: id, name: id, createdAt: date, policy: self.id, schedules: ids)
        }
        var policy = self
        policy.isEnabled = true
        policy.failures = 0
        return RetentionPlan(sets: sets, policies: [policy], now: last).decisions.count { $0.action == .keep }
    }
}
