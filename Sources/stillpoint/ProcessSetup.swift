import Glibc

/// What a process inherits and must not trust.
enum ProcessSetup {
    static func run() {
        // Files of ours are for their owner, until a file says otherwise.
        umask(0o077)
        // A reader that goes away is an error of write(2), not the end in the middle of a set.
        signal(SIGPIPE, SIG_IGN)
        openStandardDescriptors()
    }

    /// A descriptor 0, 1 or 2 that is closed would be given to the next file opened, and a message written into it.
    private static func openStandardDescriptors() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
            guard open("/dev/null", O_RDWR) == descriptor else { exit(1) }
        }
    }
}
