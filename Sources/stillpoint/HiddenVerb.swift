import LVM
import LinuxSystem

/// What this program runs itself as. Not for people: no help shows these.
enum HiddenVerb: String {
    /// Runs LVM commands in a process of its own.
    case lvmWorker = "lvm-worker"

    func run() -> Never {
        switch self {
        case .lvmWorker:
            #if DEBUG
                LVMWorker.stopPoint = { StopPoint.reach(named: $0) }
            #endif
            LVMWorker.main()
        }
    }
}
