import Events
import FoundationEssentials
import SetModel
import Snapshots
import Synchronization

/// Tells what happened: to the log, the journal and the sinks. That it cannot be told is a warning, and no reason to fail.
final class EventRecorder: Sendable {
    private let log: EventLog
    /// Sinks that took nothing: this process tries them once.
    private let deaf = Mutex<Swift.Set<String>>([])

    private static let patience = Duration.seconds(20)

    init(_ log: EventLog) { self.log = log }

    /// Tells of all of it, and gives sinks what they have not got yet.
    ///
    /// - Returns: how many of them are in the log, from the first one on.
    @discardableResult
    func record(_ details: [EventDetail], _ progress: any Progress) -> Int {
        let count = note(details, progress)
        deliver(progress)
        return count
    }

    /// Tells of all of it, but for the sinks, which may be slow: while a lock is held.
    ///
    /// - Returns: how many of them are in the log, from the first one on.
    @discardableResult
    func note(_ details: [EventDetail], _ progress: any Progress) -> Int {
        var count = 0
        do {
            for detail in details {
                let event = try log.append(detail, at: Date())
                count += 1
                // It has its own record of what is said to it, or is not there.
                _ = try? JournalSocket().send(event)
            }
        } catch {
            progress.warn("an event could not be written: \(error)")
        }
        return count
    }

    private func deliver(_ progress: any Progress) {
        for sink in log.sinks where !deaf.withLock({ $0.contains(sink.id) }) {
            do {
                let begin = ContinuousClock.now
                let report = try SinkDelivery(to: sink, from: log).deliver(at: Date())
                guard let problem = report.problem else {
                    // One that is slow gets the rest from a later process.
                    if ContinuousClock.now - begin > Self.patience { deaf.withLock { _ = $0.insert(sink.id) } }
                    continue
                }
                progress.warn("sink \(sink.id) takes no events, they are kept for it: \(problem)")
            } catch {
                progress.warn("sink \(sink.id): \(error)")
            }
            deaf.withLock { _ = $0.insert(sink.id) }
        }
    }
}
