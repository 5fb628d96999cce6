import CLinux
import Glibc

/// Where the lanes of a cut meet: each level enters when the level above it has come to rest, and nobody passes
/// until all have. Its memory is made before the window; waiting and waking are futexes.
final class Gate: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let aborted = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
    /// Lanes that have not come to rest yet, by level.
    private var pending: [Int]
    private var level: Int
    private var isReleased = false

    /// Closed until ``start()``.
    ///
    /// - Parameter lanes: how many lanes each level has; the highest level enters first.
    init(lanesPerLevel lanes: [Int]) {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
        aborted.initialize(to: 0)
        pending = lanes
        level = Int.max
    }

    deinit {
        pthread_mutex_destroy(mutex)
        pthread_cond_destroy(condition)
        mutex.deallocate()
        condition.deallocate()
        aborted.deallocate()
    }

    var isAborted: Bool { sp_atomic_load(aborted) != 0 }

    /// Lets the highest level enter.
    func start() {
        pthread_mutex_lock(mutex)
        level = pending.count - 1
        skipFinishedLevels()
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }

    /// Waits for the lane's turn. False when the work was aborted.
    func enter(level own: Int) -> Bool {
        wait { self.level <= own }
    }

    /// The lane has come to rest.
    func arrive(level own: Int) {
        pthread_mutex_lock(mutex)
        pending[own] -= 1
        skipFinishedLevels()
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }

    /// Every lane has come to rest, and nothing went wrong.
    var isPassed: Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return level < 0 && !isAborted
    }

    /// Waits until every lane has come to rest. False when the work was aborted.
    func pass() -> Bool { wait { self.level < 0 } }

    /// Waits until ``release()`` or ``abort()``.
    func hold() { _ = wait { self.isReleased } }

    func release() {
        pthread_mutex_lock(mutex)
        isReleased = true
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }

    /// Everybody leaves: what stands still is released, what does not is left alone.
    func abort() {
        pthread_mutex_lock(mutex)
        sp_atomic_store(aborted, 1)
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }

    private func skipFinishedLevels() {
        while level >= 0, pending[level] == 0 { level -= 1 }
    }

    private func wait(until isReady: () -> Bool) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while !isAborted, !isReady() { pthread_cond_wait(condition, mutex) }
        return !isAborted
    }
}
