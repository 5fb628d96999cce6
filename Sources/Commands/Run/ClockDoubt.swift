import FoundationEssentials
import Lifecycle
import Policies
import SetModel
import Snapshots

extension Invocation {
    /// How far the clock is ahead, as it seems, in seconds; 0: it is believed, or `trustClock` says so.
    ///
    /// - Parameter remembering: this call is what the next one goes by. That it cannot be remembered is no reason to
    ///   delete nothing: the next call then sees what this one saw.
    func clockAhead(remembering: Bool) throws -> TimeInterval {
        guard let reading = clockReading else { return 0 }
        let journal = try clockJournal()
        var trust = ClockTrust(in: reading)
        if try !configuration().trustsClock, let known = try journal.read() { trust = known.after(reading) }
        // Somebody else who remembers it now has seen the same.
        if remembering, let lock = try? clockLock() {
            defer { lock.release() }
            do { try journal.write(trust) } catch { progress.warn(SnapshotError(wrapping: error).message) }
        }
        return trust.ahead
    }
}
