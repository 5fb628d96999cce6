/// A set of whole numbers from 0 to 63: the minutes of an expression, the days of a month.
struct FieldSet: Sendable, Equatable {
    private var bits: UInt64

    private init(bits: UInt64) { self.bits = bits }

    init(_ values: [Int]) {
        bits = 0
        for value in values { insert(value) }
    }

    init(_ range: ClosedRange<Int>) { bits = (2 << UInt64(range.upperBound)) - (1 << UInt64(range.lowerBound)) }

    mutating func insert(_ value: Int) { bits |= 1 << UInt64(value) }

    func contains(_ value: Int) -> Bool { (bits >> UInt64(value)) & 1 == 1 }

    func first(atOrAfter value: Int) -> Int? {
        let rest = (bits >> UInt64(value)) << UInt64(value)
        return rest == 0 ? nil : rest.trailingZeroBitCount
    }

    func union(_ other: FieldSet) -> FieldSet { FieldSet(bits: bits | other.bits) }

    func intersection(_ other: FieldSet) -> FieldSet { FieldSet(bits: bits & other.bits) }

    /// In ascending order.
    var values: [Int] { (0..<64).filter(contains) }
}
