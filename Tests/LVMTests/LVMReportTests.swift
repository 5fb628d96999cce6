import SystemPackage
import Testing

@testable import LVM

@Suite("Reports of LVM")
struct LVMReportTests {
    private func report(_ json: String, status: Int32 = 1, errors: String = "") throws -> LVMReport {
        try LVMReport(LVMResult(command: ["lvs"], status: status, output: json, errors: errors))
    }

    /// The rows of a report with some fields of the first one replaced.
    private func rows(_ changes: [[String: String]]) -> String {
        var first: [String: String] = [
            "vg_name": "vg0", "vg_uuid": "VG", "vg_lock_type": "", "vg_attr": "wz--n-", "vg_seqno": "7", "vg_tags": "",
            "lv_name": "data0", "lv_uuid": "LV", "lv_attr": "-wi-a-----", "lv_size": "4096", "lv_tags": "",
            "lv_path": "/dev/vg0/data0", "lv_health_status": "", "lv_metadata_size": "", "pool_lv": "", "origin": "",
            "origin_uuid": "", "data_percent": "", "metadata_percent": "", "segtype": "linear", "thin_id": "",
            "transaction_id": "", "chunk_size": "0",
        ]
        let rows = changes.map { change in
            first.merge(change) { $1 }
            return "{" + first.map { "\"\($0)\":\"\($1)\"" }.joined(separator: ",") + "}"
        }
        return "{\"report\":[{\"lv\":[\(rows.joined(separator: ","))]}]}"
    }

    @Test("both dialects", arguments: [Captured.debian12, Captured.debian13])
    func dialects(json: String) throws {
        let report = try report(json)
        #expect(report.volumeGroups.map(\.name) == ["vg0"])
        #expect(report.volumeGroups.map(\.seqno) == [14])
        #expect(report.volumeGroups.map(\.sharedLockType) == [nil])
        #expect(report.volumes.map(\.name) == ["data0", "data0_sp", "lvol0_pmspare", "pool", "pool_tdata"])
        #expect(report.volumes.map(\.isHidden) == [false, false, true, false, true])
        #expect(report.isComplete)

        let origin = try #require(report.volume(named: "vg0/data0"))
        #expect(origin.isThin && origin.isActive && origin.isOpen)
        #expect(!origin.isSuspended && !origin.isReadOnly && !origin.isActivationSkipped && !origin.isMerging)
        #expect(origin.sizeBytes == 256 << 20)
        #expect(origin.pool == "pool")
        #expect(origin.thinID == 1)
        #expect(origin.transactionID == nil)
        #expect(origin.origin == nil && origin.originUUID == nil)
        #expect(origin.dataPercent == (json == Captured.debian12 ? 7.23 : 5.88))
        #expect(origin.devicePath == "/dev/vg0/data0")
        #expect(report.volume(uuid: origin.uuid) == origin)

        let snapshot = try #require(report.volume(named: "vg0/data0_sp"))
        #expect(snapshot.isThin && !snapshot.isActive && snapshot.isReadOnly && snapshot.isActivationSkipped)
        #expect(snapshot.origin == "data0")
        #expect(snapshot.originUUID == origin.uuid)
        #expect(snapshot.thinID == 3)
        #expect(snapshot.dataPercent == nil)
        #expect(snapshot.tags == ["stillpoint.mount=/srv/a!20b", "stillpoint.set=x"])

        let pool = try #require(report.pool(of: snapshot))
        #expect(pool.name == "pool")
        #expect(pool.isThinPool && pool.isActive && !pool.needsCheck)
        #expect(pool.transactionID == 4)
        #expect(pool.chunkSizeBytes == 65536)
        #expect(pool.metadataSizeBytes == 4 << 20)
        #expect(pool.metadataPercent != nil)
        #expect(pool.thinID == nil && pool.health == nil && pool.devicePath == nil)
        #expect(report.volumeGroup(of: pool) == report.volumeGroups[0])
    }

    @Test("the segments of a volume are one volume")
    func segments() throws {
        let report = try report(rows([["segtype": "linear"], ["segtype": "striped"], ["segtype": "linear"]]))
        #expect(report.volumes.map(\.segmentTypes) == [["linear", "striped"]])
        #expect(report.volumeGroups.count == 1)
    }

    @Test("a name or UUID that two volumes have tells of neither")
    func copies() throws {
        let report = try report(rows([[:], ["vg_uuid": "COPY"]]))
        #expect(report.volumes.count == 2)
        #expect(report.volumeGroups.map(\.uuid) == ["VG", "COPY"])
        #expect(report.volume(named: "vg0/data0") == nil)
        #expect(report.volume(uuid: "LV") == nil)
    }

    @Test(
        "the letters of lv_attr",
        arguments: [
            ("Vwi-a-tz--", []), ("Vri---tz-k", ["readOnly", "inactive", "skipped"]), ("VRi-a-tz--", ["readOnly"]),
            ("Vwi-s-tz--", ["suspended"]), ("Vwi-aotz--", ["open"]), ("Owi-aotz--", ["merging", "open"]),
            ("Swi-a-s---", ["merging"]), ("twi-cotz--", ["check", "open"]), ("twi-C-tz--", ["check", "suspended"]),
            ("Vwi-XXtz--", ["inactive"]), ("Vwi-d-tz--", ["inactive"]), ("Vwi-i-tz--", ["inactive"]),
            ("", ["inactive"]),
        ] as [(String, Set<String>)])
    func attributes(letters: String, told: Set<String>) throws {
        let volume = try report(rows([["lv_attr": letters]])).volumes[0]
        let flags = [
            "readOnly": volume.isReadOnly, "inactive": !volume.isActive, "skipped": volume.isActivationSkipped,
            "suspended": volume.isSuspended, "open": volume.isOpen, "merging": volume.isMerging,
            "check": volume.needsCheck,
        ]
        #expect(Set(flags.filter(\.value).keys) == told)
    }

    @Test("volume groups")
    func groups() throws {
        let shared = try report(
            rows([["vg_lock_type": "sanlock", "vg_attr": "wzxp-s", "vg_tags": "a,b"]])
        ).volumeGroups[0]
        #expect(shared.sharedLockType == "sanlock")
        #expect(shared.isExported && shared.isPartial)
        #expect(shared.tags == ["a", "b"])
        let local = try report(rows([["vg_lock_type": "none"]])).volumeGroups[0]
        #expect(local.sharedLockType == nil)
        #expect(!local.isExported && !local.isPartial)
    }

    @Test("a pool in trouble")
    func health() throws {
        let pool = try report(rows([["segtype": "thin-pool", "lv_health_status": "out_of_data"]])).volumes[0]
        #expect(pool.health == "out_of_data")
    }

    @Test("warnings and a failing status are told with what could be read")
    func warnings() throws {
        let report = try report(
            rows([[:]]), status: 5, errors: "  WARNING: VG vg0 is missing PV x.\n\n  Cannot access VG vg1\n")
        #expect(report.warnings == ["WARNING: VG vg0 is missing PV x.", "Cannot access VG vg1"])
        #expect(!report.isComplete)
        #expect(report.volumes.count == 1)
    }

    @Test("no volumes at all, or a row for free space")
    func nothing() throws {
        #expect(try report("{\"report\":[{\"lv\":[]}]}").volumes.isEmpty)
        #expect(try report(rows([["lv_name": ""]])).volumes.isEmpty)
    }

    @Test(
        "what is no report is told of",
        arguments: ["", "{", "{\"report\":[{\"lv\":[{}]}]}", "{\"report\":[{\"lv\":[{\"lv_name\":\"a\"}]}]}"])
    func broken(json: String) {
        let error = #expect(throws: LVMError.self) { try report(json, errors: "  a hint\n") }
        #expect(error?.code == .badReport)
        #expect(error?.lines == ["a hint"])
    }

    @Test("a number that is none names its field")
    func number() {
        let error = #expect(throws: LVMError.self) { try report(rows([["lv_size": "4m"]])) }
        #expect(error?.message.contains("lv_size=4m") == true)
    }

    @Test("settings")
    func configuration() throws {
        let configuration = try LVMConfiguration(
            parsing: "locking_dir=\"/run/lock/lvm\"\nprioritise_write_locks=1\nuse_lvmlockd=0\ndir=\"/dev\"\n")
        #expect(
            configuration
                == LVMConfiguration(
                    lockingDirectory: "/run/lock/lvm", prioritisesWriteLocks: true, usesLockDaemon: false,
                    deviceDirectory: "/dev"))
        let changed = try LVMConfiguration(
            parsing: "locking_dir=\"/a=b\"\nprioritise_write_locks=0\nuse_lvmlockd=1\ndir=\"/d\"\n")
        #expect(changed.lockingDirectory == "/a=b")
        #expect(!changed.prioritisesWriteLocks && changed.usesLockDaemon)
    }

    @Test("settings that are missing", arguments: ["", "locking_dir=\"/a\"", "locking_dir=/a\ndir=\"/d\""])
    func missingSettings(output: String) {
        let error = #expect(throws: LVMError.self) { try LVMConfiguration(parsing: output) }
        #expect(error?.code == .badReport)
    }
}
