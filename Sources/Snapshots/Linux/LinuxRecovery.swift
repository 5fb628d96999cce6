import DeviceMapper
import Glibc
import GuardProtocol
import LinuxSystem
import SetModel
import SystemPackage

extension LinuxStorage {
    /// How long the guard of a dead engine may take to end by itself.
    private static let patience: UInt64 = 90_000_000_000

    public func releaseLeftovers() async throws -> RecoveryReport {
        var report = RecoveryReport()
        try waitForWorkers()
        for path in try records() {
            guard let record = try? RunRecord.open(path, writable: true) else {
                // Of a guard that died while it made its record, before anything stood still; or ended just now.
                unlink(path.string)
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
    private func waitForWorkers() throws {
        let path = runDirectory.appending(Self.workerLockName)
        let begin = ContinuousClock.now
        while true {
            if let lock = try FileLock.tryExclusive(path) { return lock.release() }
            guard ContinuousClock.now - begin < .nanoseconds(Int64(Self.patience)) else {
                throw SnapshotError(.busy, "an LVM command of an earlier run has not ended; see `ps` for lvm-worker")
            }
            usleep(20_000)
        }
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
        for index in 0..<record.volumeCount {
            guard [.suspending, .suspended].contains(record.state(ofVolume: index)) else { continue }
            let uuid = record.uuid(ofVolume: index)
            do {
                guard let info = try Devices.info(.uuid(uuid)), info.isSuspended else { continue }
                try Devices.resume(.uuid(uuid))
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
            case .some(let code): report.failures.append("\(label) could not be thawed: \(Errno(rawValue: code))")
            }
        }
        return report.failures.count == failures
    }

    /// - Returns: 0, errno, or `nil` when no mount of it can be opened: it is gone, or frozen out of reach.
    private func thaw(_ device: DeviceNumber) -> Int32? {
        guard let survey = try? MountSurvey.read() else { return EIO }
        let mounts = survey.mounts.filter { $0.mount.device == device }
        guard !mounts.isEmpty, let descriptor = try? OpenMount.open(anyOf: mounts) else { return nil }
        defer { try? descriptor.close() }
        return FileSystemFreeze.thaw(descriptor)
    }
}

extension RunRecord {
    fileprivate var labels: [String] { (0..<fileSystemCount).map { label(ofFileSystem: $0) } }
}
