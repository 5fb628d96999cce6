import Catalog
import FoundationEssentials
import SetModel

extension Engine {
    public func recover(progress: any Progress) async throws -> RecoveryReport {
        let lock = try RunLock(runDirectory)
        defer { lock.release() }
        do {
            var (survey, report, _) = try await recoverHeld(progress)
            // LVM writes to /etc and /run, and waits for what a person has frozen.
            guard report.failures.isEmpty, try await storage.manualFreezes().isEmpty else { return report }
            let cleared = await storage.mounter.clearLeftovers(of: survey.sets, survey)
            report.removed += cleared.removed
            report.failures += cleared.problems
            return report
        } catch {
            throw error.asSnapshotError
        }
    }

    /// Releases what stands still first, since LVM could wait for it; then removes what was staged and finishes what
    /// was being deleted. The run lock is held, so no living run owns any of it.
    ///
    /// When something cannot be released, LVM is left alone: it would wait for what stands.
    ///
    /// - Returns: the storage as it is afterwards; an empty survey when something could not be released.
    func recoverHeld(
        _ progress: any Progress
    ) async throws -> (survey: Survey, report: RecoveryReport, mayStand: Bool) {
        var report = try await storage.releaseLeftovers()
        guard report.failures.isEmpty else { return (Survey(), report, true) }
        var survey = try await storage.survey()
        // One that is there twice is left to a person: the survey's problems name it.
        let leftovers = survey.sets.filter {
            ($0.state == .staged || $0.state == .deleting) && survey.ambiguous[$0.id] == nil
        }
        // LVM writes to /etc and /run, and waits for what a person has frozen.
        let frozen = leftovers.isEmpty ? [] : try await storage.manualFreezes()
        guard !leftovers.isEmpty, frozen.isEmpty else { return (survey, report, false) }
        progress.step("cleaning up after a run that died")
        // Of all of them, before LVM changes anything: it must not while an origin is suspended.
        for set in leftovers {
            do { try await storage.settle(set) } catch {
                report.failures.append("set \(set.name): \(error.asSnapshotError)")
            }
        }
        guard report.failures.isEmpty else { return (survey, report, true) }
        for set in leftovers {
            do {
                try survey.demandRemovable(set)
                // Before the last member goes: what the index remembers of a set without any would look like a loss.
                // What was staged goes also when the catalog is broken: nobody is shown what that one says of it.
                if set.state == .deleting { try openStore(true).remove(id: set.id) }
                try await storage.remove([set])
                report.removed += set.members.map(\.snapshot)
                if set.state == .deleting { report.deleted.append(set) }
                guard set.state == .staged else { continue }
                do { try openStore(true).remove(id: set.id) } catch {
                    report.problems.append(
                        "set \(set.name) was given up, and stays announced in the catalog: \(error.asSnapshotError)")
                }
            } catch {
                report.failures.append("set \(set.name): \(error.asSnapshotError)")
            }
        }
        survey = try await storage.survey()
        return (survey, report, false)
    }
}
