import CLinux
import Glibc

/// What the kernel knows of time that nobody can set.
public enum SystemClock {
    /// Seconds since boot, also those in which the host slept: clock_gettime(2), CLOCK_BOOTTIME.
    public static func sinceBoot() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Somebody keeps the wall clock right: adjtimex(2). A kernel that does not answer knows of nobody.
    public static func isSynchronized() -> Bool { sp_clock_is_synchronized() == 1 }
}
