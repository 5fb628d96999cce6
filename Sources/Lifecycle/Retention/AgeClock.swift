import FoundationEssentials

/// The time by which sets are old.
struct AgeClock {
    var now: Date
    /// How far the clock is ahead, perhaps.
    var ahead: TimeInterval = 0

    /// What was made after the clock had jumped is as old as it seems.
    func now(for createdAt: Date) -> Date { createdAt > now - ahead ? now : now - ahead }
}
