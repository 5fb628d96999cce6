/// What a schedule keeps: by count, by age, by slots, in any combination.
///
/// Each part is a promise of its own, and a set is kept as long as one part wants it. That holds for a count with an
/// age as well: a set goes when it is both too old and beyond the count. Were the count a ceiling, a burst of runs
/// would push out sets that the age still promises; were the age one, a pause of the schedule would empty it. So a
/// greater limit, or one more part, never deletes a set that was kept. (One exception: the first age of a schedule
/// says of its orphans when they go; see ``RetentionPolicy/orphans``.)
public struct RetainRule: Sendable, Equatable, CustomStringConvertible {
    /// Of every number in a rule. DLM has 1 to 1000.
    public static let limits = 1...100_000

    /// The newest so many sets.
    public let count: Int?
    /// Every set that is younger.
    public let age: RetainAge?
    /// For each period, how many of them.
    public let slots: [RetainSlot: Int]
    /// The newest so many sets are kept whatever else is decided: the floor. DLM's is one.
    public let keepLast: Int

    /// - Throws: ``RetainRuleError`` for a number outside of ``limits``, and for a rule without any part.
    public init(
        count: Int? = nil, age: RetainAge? = nil, slots: [RetainSlot: Int] = [:], keepLast: Int = 1
    ) throws(RetainRuleError) {
        let slotNumbers = RetainSlot.allCases.map { ($0.rawValue, slots[$0]) }
        for case (let key, let number?) in [("count", count), ("keepLast", keepLast)] + slotNumbers
        where !Self.limits.contains(number) {
            let (least, most) = (Self.limits.lowerBound, Self.limits.upperBound)
            throw RetainRuleError(key: key, message: "\(number) does not lie between \(least) and \(most)")
        }
        guard count != nil || age != nil || !slots.isEmpty else {
            let known = (["count", "age"] + RetainSlot.allCases.map(\.rawValue)).joined(separator: ", ")
            throw RetainRuleError(key: nil, message: "it keeps nothing: give at least one of \(known)")
        }
        self.count = count
        self.age = age
        self.slots = slots
        self.keepLast = keepLast
    }

    /// `count 10, age 30d, daily 7, last 2`
    public var description: String {
        let parts =
            [count.map { "count \($0)" }, age.map { "age \($0)" }]
            + RetainSlot.allCases.map { slot in slots[slot].map { "\(slot.rawValue) \($0)" } } + ["last \(keepLast)"]
        return parts.compactMap(\.self).joined(separator: ", ")
    }
}

/// A rule that cannot be.
public struct RetainRuleError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The number that is wrong; `nil`: the rule as a whole.
    public var key: String?
    public var message: String

    public var description: String { key.map { "\($0): \(message)" } ?? message }
}
