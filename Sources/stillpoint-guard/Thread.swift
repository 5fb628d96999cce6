import CLinux
import Glibc
import SystemPackage

/// A thread with a small stack: all of it is locked in memory.
struct Thread {
    private static let stackSize = 128 * 1024

    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    let handle: pthread_t

    init(_ body: @escaping @Sendable () -> Void) throws(Errno) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, Self.stackSize)
        var handle = pthread_t()
        let context = Unmanaged.passRetained(Body(body))
        let result = pthread_create(
            &handle, &attributes,
            { pointer in
                guard let pointer else { return nil }
                Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue().run()
                return nil
            }, context.toOpaque())
        guard result == 0 else {
            context.release()
            throw Errno(rawValue: result)
        }
        self.handle = handle
    }

    func join() { pthread_join(handle, nil) }

    /// Interrupts a blocking call of the thread.
    func interrupt() { pthread_kill(handle, SIGUSR1) }
}
