import DeviceMapper
import Dispatch
import Glibc
import GuardProtocol
import LinuxSystem
import SetModel
import SystemPackage

extension LinuxStorage {
    /// How long the guard of a dead engine may take to end by itself.
    private static let patience: UInt64 = 90_000_000_000

    public func releaseLeftovers() async throws -> RecoveryReport {
        var report = try await releaseStanding()
        await releaseApplications(&report)
        // After the release: a worker may wait for what stood still.
        try waitForWorkers()
        return report
    }

    public func releaseStanding() async throws -> RecoveryReport {
        var report = RecoveryReport()
        for path in try records() {
            let record: RunRecord
            do { record = try RunRecord.open(path, writable: true) } catch {
                switch error {
                // It ended just now.
                case .noSuchFileOrDirectory: break
                // Of a guard that died while it made its record, before anything stood still.
                case .invalidArgument: unlink(path.string)
                default: report.failures.append("the run record \(path) cannot be read: \(error)")
                }
                continue
            }
            if record.isHeldByGuard() {
                if isManualFreeze(path) { continue }
                guard waitForEnd(of: record) else {
                    report.failures.append(
                        "a guard of an earlier run still works on \(list(record.labels)); it ends by itself")
                    continue
                }
            }
            if release(record, &report) { unlink(path.string) }
        }
        return report
    }

    public func leftStanding() async throws -> [String] {
        try records().flatMap { path -> [String] in
            // Those of living guards are held; of one that cannot be read `recover` tells.
            guard let record = try? RunRecord.open(path), record.standsStill, !record.isHeldByGuard() else { return [] }
            return record.standing
        }
    }

    public func manualFreezes() async throws -> [String] {
        try records().filter(isManualFreeze).flatMap { path -> [String] in
            guard let record = try? RunRecord.open(path), record.isHeldByGuard() else { return [] }
            return record.labels
        }
    }

    public func endManualFreezes() async throws -> [String] {
        var thawed: [String] = []
        for path in try records() where isManualFreeze(path) {
            guard let record = try? RunRecord.open(path, writable: true) else { continue }
            var report = RecoveryReport()
            if record.isHeldByGuard() {
                record.requestRelease()
                guard waitForEnd(of: record) else {
                    throw SnapshotError(.stillFrozen, "the guard of \(list(record.labels)) does not end")
                }
                thawed += record.labels
            }
            if release(record, &report) { unlink(path.string) }
            guard report.failures.isEmpty else {
                throw SnapshotError(.stillFrozen, "not everything could be thawed", causes: report.failures)
            }
            thawed += report.thawed
        }
        return thawed
    }

    /// A worker of a dead engine finishes the LVM command that it began.
    func waitForWorkers() throws {
        let path = runDirectory.appending(Self.workerLockName)
        guard let lock = try FileLock.exclusive(path, within: Self.patience / 1_000_000) else {
            throw SnapshotError(.busy, "an LVM command of an earlier run has not ended; see `ps` for lvm-worker")
        }
        lock.release()
    }

    private func records() throws -> [FilePath] {
        guard let stream = opendir(recordDirectory.string) else {
            guard errno == ENOENT else { throw SystemCallError("opendir", recordDirectory, Errno(rawValue: errno)) }
            return []
        }
        defer { closedir(stream) }
        try SafeDirectory.verify(recordDirectory)
        var result: [FilePath] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(".record") { result.append(recordDirectory.appending(name)) }
        }
        return result.sorted { $0.string < $1.string }
    }

    private func isManualFreeze(_ path: FilePath) -> Bool {
        path.lastComponent?.string.hasPrefix(Engine.manualFreezePrefix) ?? false
    }

    private func waitForEnd(of record: RunRecord) -> Bool {
        let begin = ContinuousClock.now
        while record.isHeldByGuard() {
            guard ContinuousClock.now - begin < .nanoseconds(Int64(Self.patience)) else { return false }
            usleep(20_000)
        }
        return true
    }

    /// Resumes and thaws what the record says may stand still. Nobody else holds the record.
    ///
    /// - Returns: whether nothing of it stands any more.
    private func release(_ record: RunRecord, _ report: inout RecoveryReport) -> Bool {
        let failures = report.failures.count
        var cookie = UdevCookie()
        for index in 0..<record.volumeCount {
            guard [.suspending, .suspended].contains(record.state(ofVolume: index)) else { continue }
            let uuid = record.uuid(ofVolume: index)
            do {
                guard let info = try Devices.info(.uuid(uuid)), info.isSuspended else { continue }
                try Devices.resume(.uuid(uuid), &cookie)
                report.resumed.append(uuid)
            } catch {
                report.failures.append("\(error)")
            }
        }
        for index in 0..<record.fileSystemCount {
            guard [.freezing, .frozen].contains(record.state(ofFileSystem: index)) else { continue }
            let label = record.label(ofFileSystem: index)
            switch thaw(record.device(ofFileSystem: index)) {
            case 0: report.thawed.append(label)
            case nil, EINVAL: break
            case .some(EBUSY):
                report.failures.append(
                    "\(label) is not mounted, and still in use: mount it again, then run `stillpoint recover`")
            // EACCES: mounted, and out of reach; it may well be frozen.
            case .some(let code): report.failures.append("\(label) could not be thawed: \(Errno(rawValue: code))")
            }
        }
        // Only now: udev may be waiting for what stood still.
        waitForUdev(cookie)
        UdevCookie(record.udevCookie).discard()
        return report.failures.count == failures
    }

    /// For at most ten seconds: a udev that hangs must not keep anybody from the rest.
    private func waitForUdev(_ cookie: UdevCookie) {
        let done = DispatchSemaphore(value: 0)
        DispatchQueue.global().async {
            cookie.wait()
            done.signal()
        }
        _ = done.wait(timeout: .now() + 10)
    }

    /// - Returns: 0, errno, or `nil` when it is not mounted any more.
    func thaw(_ device: DeviceNumber) -> Int32? {
        guard let survey = try? MountSurvey.read() else { return EIO }
        if let result = FileSystemFreeze.thaw(device, mountedAt: survey.mounts) { return result }
        // Unmounted while it was frozen, it stays as it is in the kernel, and comes back frozen.
        let node = try? BlockTopology.read()[device]?.node
        let isClaimed = node.map { (try? ExclusiveUse.isClaimed(FilePath($0))) ?? false } ?? false
        return isClaimed ? EBUSY : nil
    }
}

extension RunRecord {
    fileprivate var labels: [String] { (0..<fileSystemCount).map { label(ofFileSystem: $0) } }

    /// What may stand still.
    fileprivate var standing: [String] {
        (0..<fileSystemCount).filter { [.freezing, .frozen].contains(state(ofFileSystem: $0)) }
            .map { label(ofFileSystem: $0) }
            + (0..<volumeCount).filter { [.suspending, .suspended].contains(state(ofVolume: $0)) }
            .map { uuid(ofVolume: $0) }
    }
}
