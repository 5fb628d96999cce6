import CLinux
import DeviceMapper
import Glibc
import GuardProtocol
import LinuxSystem
import SystemPackage

/// A plan with every descriptor open and every task prepared: what both processes of the guard work on.
final class ArmedRun: @unchecked Sendable {
    let plan: GuardPlan
    let record: RunRecord
    let units: [Unit]
    /// How often volumes that nothing is mounted on were open when they were armed, by index.
    private let openCounts: [Int]

    init(_ plan: GuardPlan) throws(GuardFailure) {
        self.plan = plan
        DeviceMapperLibrary.prepare()
        var descriptors: [FileDescriptor] = []
        for item in plan.fileSystems { descriptors.append(try Self.open(item)) }
        var counts: [Int] = []
        for item in plan.volumes {
            counts.append(try Self.openCount(item) { $0 == 0 || item.isOpen || item.fileSystem != nil })
        }
        openCounts = counts
        do { record = try RunRecord.create(for: plan) } catch {
            throw GuardFailure(.record, plan.recordPath, error.rawValue)
        }
        do {
            var tasks: [VolumeTasks] = []
            for (index, item) in plan.volumes.enumerated() {
                tasks.append(try VolumeTasks(index: index, plan: item, record: record))
            }
            units = Self.units(plan, descriptors, tasks, record)
        } catch {
            throw GuardFailure(.plan, error.description, error.errno.rawValue)
        }
    }

    /// Volumes without a file system rest last, in level 0: a file system may keep its journal on one.
    private static func units(
        _ plan: GuardPlan, _ descriptors: [FileDescriptor], _ tasks: [VolumeTasks], _ record: RunRecord
    ) -> [Unit] {
        var units: [Unit] = []
        for (index, item) in plan.fileSystems.enumerated() {
            units.append(
                Unit(
                    fileSystem: index, level: item.level + 1, descriptor: descriptors[index],
                    volumes: tasks.filter { plan.volumes[$0.index].fileSystem == index }, record: record))
        }
        for item in tasks where plan.volumes[item.index].fileSystem == nil {
            units.append(
                Unit(fileSystem: nil, level: 0, descriptor: .standardInput, volumes: [item], record: record))
        }
        return units
    }

    /// How many units each level has.
    var unitsPerLevel: [Int] {
        var counts = [Int](repeating: 0, count: (units.map(\.level).max() ?? 0) + 1)
        for unit in units { counts[unit.level] += 1 }
        return counts
    }

    private static func open(_ item: GuardPlan.FileSystem) throws(GuardFailure) -> FileDescriptor {
        do {
            return try OpenMount.open(FilePath(item.path), mountID: item.mountID, device: item.device)
        } catch {
            throw GuardFailure(.open, item.label, error.errno.rawValue)
        }
    }

    private static func check(_ item: GuardPlan.Volume) throws(GuardFailure) -> (name: String, info: DeviceInfo) {
        let name: String
        let info: DeviceInfo?
        do {
            let identity = try Devices.identity(item.device)
            name = identity.name
            guard identity.uuid == item.uuid else { throw GuardFailure(.open, name, ENODEV) }
            info = try Devices.info(.number(item.device))
        } catch let error as DeviceMapperError {
            throw GuardFailure(.open, item.uuid, error.errno.rawValue)
        } catch {
            throw error as? GuardFailure ?? GuardFailure(.open, item.uuid)
        }
        guard let info else { throw GuardFailure(.open, name, ENODEV) }
        return (name, info)
    }

    /// Checks once more, under LVM's lock, what was decided from a survey: which volumes are active, and on which
    /// nothing is mounted.
    func checkUnchanged() throws(GuardFailure) {
        for uuid in plan.inactive {
            guard (try? Devices.info(.uuid(uuid))) == .some(.none) else { throw GuardFailure(.changed, uuid) }
        }
        for (index, item) in plan.volumes.enumerated() {
            // What somebody uses without a file system is no more than `crash`, however often it is opened.
            try Self.openCount(item) { $0 == openCounts[index] || item.fileSystem != nil || item.isOpen }
        }
    }

    /// How often a volume is open, once that is as expected. A device that udev looks at is open for a moment; one that
    /// LVM takes a snapshot of is suspended for a longer one.
    @discardableResult
    private static func openCount(
        _ item: GuardPlan.Volume, _ isExpected: (Int) -> Bool
    ) throws(GuardFailure) -> Int {
        var (suspended, unexpected) = (0, 0)
        while true {
            let (name, info) = try check(item)
            if !info.isSuspended, isExpected(info.openCount) { return info.openCount }
            if info.isSuspended { suspended += 1 } else { unexpected += 1 }
            guard suspended < 500 else { throw GuardFailure(.open, name, EBUSY) }
            guard unexpected < 50 else { throw GuardFailure(.changed, name) }
            usleep(20_000)
        }
    }

    /// A failure of the window, in words.
    func explain(_ failure: Failure) -> GuardFailure {
        let subject =
            switch failure.subject {
            case .fileSystem(let index): plan.fileSystems[index].label
            case .volume(let index):
                (try? Devices.identity(plan.volumes[index].device).name) ?? plan.volumes[index].device.description
            case .none: ""
            }
        return GuardFailure(failure.step, subject, failure.code)
    }
}
