public import FoundationEssentials

/// The part of a rule that wants a set, with the set's rank in it, from 1.
public enum RetainPart: Sendable, Equatable, CustomStringConvertible {
    case keepLast(rank: Int, of: Int)
    case count(rank: Int, of: Int)
    case age(RetainAge, until: Date)
    case slot(RetainSlot, rank: Int, of: Int)

    /// `daily 3 of 7`
    public var description: String {
        switch self {
        case .keepLast(let rank, let limit): "last \(rank) of \(limit)"
        case .count(let rank, let limit): "count \(rank) of \(limit)"
        case .age(let age, let end): "age \(age), until \(end.formatted(.iso8601))"
        case .slot(let slot, let rank, let limit): "\(slot.rawValue) \(rank) of \(limit)"
        }
    }

    var isFloor: Bool {
        if case .keepLast = self { true } else { false }
    }

    var isAge: Bool {
        if case .age = self { true } else { false }
    }
}

extension RetainRule {
    /// For each set the parts that want it; none: the rule lets it go.
    ///
    /// - Parameters:
    ///   - instants: When the sets were made, newest first.
    ///   - clock: Says how old they are.
    func parts(wanting instants: [Date], by calendar: Calendar, _ clock: AgeClock) -> [[RetainPart]] {
        var parts = Array(repeating: [RetainPart](), count: instants.count)
        for position in instants.indices.prefix(keepLast) {
            parts[position].append(.keepLast(rank: position + 1, of: keepLast))
        }
        if let count {
            for position in instants.indices.prefix(count) {
                parts[position].append(.count(rank: position + 1, of: count))
            }
        }
        if let age {
            for (position, instant) in instants.enumerated() {
                let end = age.end(from: instant, by: calendar)
                if end > clock.now(for: instant) { parts[position].append(.age(age, until: end)) }
            }
        }
        for slot in RetainSlot.allCases {
            guard let limit = slots[slot] else { continue }
            for (index, position) in slot.firsts(of: instants, limit: limit, by: calendar).enumerated() {
                parts[position].append(.slot(slot, rank: index + 1, of: limit))
            }
        }
        return parts
    }
}
