import Glibc

/// What this program runs itself as. Not for people: no help shows these.
enum HiddenVerb: String {
    /// Runs LVM commands in a process of its own.
    case lvmWorker = "lvm-worker"

    func run() -> Never {
        switch self {
        case .lvmWorker:
            let text: StaticString = "stillpoint: error: this build has no LVM worker\n"
            _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
            exit(1)
        }
    }
}
