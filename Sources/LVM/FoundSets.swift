import FoundationEssentials
public import SetModel

/// The sets that LVM's metadata tells of.
public struct FoundSets: Sendable, Equatable {
    /// Oldest first; those of the same second by id.
    public var sets: [SnapshotSet]
    /// A sentence for each volume that says that it is a member, or a clone of one, and cannot be.
    public var problems: [String]
    /// The sets of which two volumes say that they are the same member, by id, and the first such two in a sentence.
    public var ambiguous: [SnapshotSet.ID: String] = [:]

    /// Groups the members in a report by set. A set is what its first member says; without it, or without others, it
    /// is `degraded`, unless it is still staged or being deleted.
    public init(in report: LVMReport) {
        var members: [String: [Int: TaggedMember]] = [:]
        problems = []
        for volume in report.volumes {
            if let problem = MemberTags.cloneProblem(volume) { problems.append(problem) }
            do {
                guard let tagged = try TaggedMember(volume) else { continue }
                let index = tagged.member.index
                if let other = members[tagged.setID]?[index] {
                    // A copied VG, or tags copied by hand. Which one is meant, nobody can know.
                    let problem =
                        "\(volume.fullName) and \(other.member.snapshot) both say that they are member \(index) "
                        + "of set \(tagged.setID)"
                    problems.append(problem)
                    ambiguous[tagged.setID] = ambiguous[tagged.setID] ?? problem
                } else {
                    members[tagged.setID, default: [:]][index] = tagged
                }
            } catch {
                problems.append(error.message)
            }
        }
        sets = members.values.compactMap { Self.set(of: $0.values.sorted { $0.member.index < $1.member.index }) }
            .sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
    }

    private static func set(of members: [TaggedMember]) -> SnapshotSet? {
        guard let first = members.first else { return nil }
        let stated = first.member.index == 1 ? first.state : nil
        let isWhole = members.count == first.memberCount
        let state: SetState =
            switch stated {
            case .staged: .staged
            case .deleting: .deleting
            case .complete: isWhole ? .complete : .degraded
            case .degraded, nil: .degraded
            }
        return SnapshotSet(
            id: first.setID, name: first.name, state: state, consistency: first.consistency,
            consistencyReason: first.consistencyReason, createdAt: first.createdAt, expiresAt: first.expiresAt,
            policy: first.policy, schedule: first.schedule, tags: first.tags, frozenWindowMs: first.frozenWindowMs,
            memberCount: first.memberCount, members: members.map(\.member), hold: hold(members),
            purgeAt: members.allSatisfy { $0.purgeAt != nil } ? first.purgeAt : nil, preScript: first.preScript,
            postScript: first.postScript)
    }

    /// Members may have been away when something was said of the set: what keeps it counts, whoever tells of it.
    private static func hold(_ members: [TaggedMember]) -> SetHold? {
        members.compactMap(\.hold).max { ($0.until ?? .distantFuture) < ($1.until ?? .distantFuture) }
    }
}
