public import FoundationEssentials
public import SetModel

// With a trash time, deleting has two steps: a set goes to trash with a purge time, and is purged when that has come.
// The purge time is settled then: a later change of the policy does not move it. A hold does, and pool pressure, for what
// lies in trash still takes space; a policy that keeps its sets while it is disabled purges none meanwhile. In trash a set
// counts nowhere.

extension RetentionPolicy {
    /// When a set that is deleted at `now` is removed for good; `nil`: at once.
    public func purgeTime(deletedAt now: Date) -> Date? { trash?.end(from: now, in: timeZone) }

    /// The hold that `restore` gives a set when it takes it out of the trash.
    ///
    /// The set is under its policy again (in DLM it is not, ever). Its rules had let it go, and would at once again:
    /// the hold gives whoever restored it the trash time once more, or a week when there is none now.
    public func holdAfterRestore(at now: Date) -> SetHold {
        SetHold(reason: "restored from trash", until: purgeTime(deletedAt: now) ?? now + 7 * 86_400)
    }
}
