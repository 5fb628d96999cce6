import Hooks
import LVM
import LinuxSystem

/// What this program runs itself as. Not for people: no help shows these.
enum HiddenVerb: String {
    /// Runs LVM commands in a process of its own.
    case lvmWorker = "lvm-worker"
    /// Runs hooks, and lets go what they brought to rest.
    case hookSupervisor = "hook-supervisor"

    func run() -> Never {
        switch self {
        case .lvmWorker:
            Self.prepareWorker()
            LVMWorker.main()
        case .hookSupervisor: HookSupervisor.main()
        }
    }

    /// What a worker has that this program starts, however it starts it.
    static func prepareWorker() {
        #if DEBUG
            LVMWorker.stopPoint = { StopPoint.reach(named: $0) }
        #endif
    }
}
