public import FoundationEssentials

/// Runs of a schedule for which nothing was taken at their time.
public struct MissedRuns: Sendable, Equatable, Codable {
    public var policyId: String
    public var scheduleId: String
    public var count: Int
    /// When the first of them was to be.
    public var firstTime: Date
    public var lastTime: Date

    public init(policyId: String, scheduleId: String, count: Int, firstTime: Date, lastTime: Date) {
        self.policyId = policyId
        self.scheduleId = scheduleId
        self.count = count
        self.firstTime = firstTime
        self.lastTime = lastTime
    }

    var sentence: String {
        "\(count) run\(count == 1 ? "" : "s") of schedule \(scheduleId) of policy \(policyId) missed,"
            + " \(firstTime.formatted(.iso8601)) to \(lastTime.formatted(.iso8601))"
    }
}
