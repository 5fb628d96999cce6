import Catalog
import LVM
import SetModel
import Snapshots
import Synchronization
import SystemPackage

/// The engine with this host's storage: the one place where commands and engine meet.
func liveService(_ settings: Settings, _ worker: WorkerProcess) throws -> any SnapshotService {
    let lvm = LVMClient(worker: worker, workerLock: settings.runDirectory.appending(LinuxStorage.workerLockName))
    let storage = LinuxStorage(
        lvm: lvm, runDirectory: settings.runDirectory, stateDirectory: settings.stateDirectory)
    let engine = Engine(storage: storage, runDirectory: settings.runDirectory) { forWriting in
        try HostConfiguration.of(settings).catalog.open(
            directory: settings.stateDirectory, for: forWriting ? .writing : .reading)
    }
    let recorder = Mutex<EventRecorder?>(nil)
    return EventfulService(base: engine) {
        try recorder.withLock { made in
            let recorder = try made ?? EventRecorder(try settings.eventLog())
            made = recorder
            return recorder
        }
    }
}
