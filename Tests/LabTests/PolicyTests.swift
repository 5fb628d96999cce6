import Foundation
import Testing

extension LabTests {
    /// Lifecycle on real volumes: timers, clocks, tags in LVM.
    @Suite struct Policies {
        /// LVM's tags and the stores are the same on both kernels: one each, soak tries both on both.
        private static let stores = ["6.1": "sqlite", "6.12": "attributes"].filter { Soak.includes(kernel: $0.key) }
            .values.sorted()

        @Test(
            "a month of three policies with a real timer: what is left at its end is exact",
            .enabled(if: Soak.includes(kernel: "6.12"), Soak.elsewhere))
        func month() async throws {
            try await ThinLab.run { lab in
                let host = try PolicyLab(lab)
                try host.policy("often", "{every: 6h}", "{count: 4}")
                try host.policy("nightly", "{cron: '0 0 * * *'}", "{count: 7}")
                try host.policy("weekly", "{cron: '0 0 * * 0'}", "{age: 20d, keepLast: 1}")
                let start = host.midnight
                try host.setClock(start - 60)
                // Schedules that are new have nothing to catch up.
                try lab.succeed("run")
                try host.startTimer()
                let runs = Soak.rounds(8, of: 30 * 4)
                for run in 0..<runs {
                    // Past the time at which the timer would have fired next: then it does so at once.
                    try host.setClock(start + run * 6 * 3600 + 1)
                    try host.waitForRun()
                }
                try host.stopTimer()
                let times = (0..<runs).map { start + $0 * 6 * 3600 }
                let nights = times.filter { $0 % 86400 == 0 }
                // 1 January 1970 was a Thursday.
                let sundays = nights.filter { ($0 / 86400 + 4) % 7 == 0 }
                let now = times.last ?? 0
                let young = sundays.filter { $0 > now - 20 * 86400 }
                #expect(try host.times(of: "often") == times.suffix(4))
                #expect(try host.times(of: "nightly") == nights.suffix(7))
                #expect(try host.times(of: "weekly") == (young.isEmpty ? sundays.suffix(1) : young))
                let snapshots = try lab.succeed("list", "--quiet").standard.split(separator: "\n").count * 2
                #expect(
                    try shell("lvs --noheadings --select 'lv_name=~_sp_' \(lab.group) | wc -l")
                        .trimmingCharacters(in: .whitespacesAndNewlines) == String(snapshots))
                try lab.succeed("delete", "--policy", "often")
                try lab.succeed("delete", "--policy", "nightly")
                if !sundays.isEmpty { try lab.succeed("delete", "--policy", "weekly") }
            }
        }

        @Test("cron drives it", .enabled(if: Soak.includes(kernel: "6.1"), Soak.elsewhere))
        func cron() async throws {
            try await ThinLab.run { lab in
                let host = try PolicyLab(lab)
                try host.policy("often", "{every: 5m}", "{count: 2}")
                let start = host.midnight
                try host.setClock(start - 240)
                try lab.succeed("run")
                try host.startCron()
                for run in 0..<3 {
                    try host.setClock(start + run * 300 - 2)
                    try host.waitForRun()
                }
                try host.stopCron()
                let taken = try host.times(of: "often")
                #expect(taken.count == 2)
                #expect(taken.allSatisfy { $0 % 300 < 60 })
                try lab.succeed("delete", "--policy", "often")
            }
        }

        @Test(
            "a catalog that is lost is rebuilt from LVM's tags, with either store, and moves to the other one",
            arguments: stores)
        func rebuilt(store: String) async throws {
            try await ThinLab.run { lab in
                let one = try lab.fileSystem("v1", "ext4", at: "v1")
                let two = try lab.fileSystem("v2", "xfs", at: "v2")
                try lab.configure("catalog: \(store)\n")
                // On a disk, as on a server: tmpfs has such attributes since Linux 6.6 only.
                try shell(
                    """
                    mkdir '\(lab.directory)/state' && rm -rf /var/lib/lab-state && mkdir -m 700 /var/lib/lab-state
                    mount --bind /var/lib/lab-state '\(lab.directory)/state'
                    """)
                lab.atEnd("unmount the state directory") { try shell("umount '\(lab.directory)/state'") }
                let odd = "größe=100 % & 'mehr' \"\\/+-.:#!,;<>|~ 🚀"
                try lab.succeed("create", "--name", "odd", "--tag", odd, "--tag", "empty=", one, two)
                try lab.succeed("create", "--name", "plain", one)
                try lab.succeed("tag", "plain", "new=1", odd)
                try lab.succeed("tag", "plain", "new-")
                try lab.succeed("hold", "plain", "--reason", "Prüfung: bis zum Ende", "--for", "30d")
                let before = try lab.succeed("list", "--output", "json").decoded(TaggedListJSON.self)
                #expect(before.sets.allSatisfy { $0.tags["größe"] == String(odd.dropFirst(6)) })
                try shell("rm -rf '\(lab.directory)/state/'*")
                #expect(try lab.succeed("reindex").standard == "indexed odd\nindexed plain\n")
                let after = try lab.succeed("list", "--output", "json").decoded(TaggedListJSON.self)
                #expect(after.sets == before.sets)
                if store == "attributes" {
                    #expect(try shell("ls '\(lab.directory)/state/sets' | wc -l").hasPrefix("2"))
                    let shown = try shell("getfattr --dump --absolute-names '\(lab.directory)/state/sets/'*")
                    for part in [#"user.stillpoint.name="plain""#, #"user.stillpoint.members="2""#] {
                        #expect(shown.contains(part), "\(shown)")
                    }
                }
                // The journal is told of what commands do.
                #expect(
                    try shell("journalctl --sync; journalctl --quiet --identifier=stillpoint --output=cat")
                        .contains("set odd of 2 members was taken"))
                // With what only a catalog knows: LVM's tags lack it.
                try lab.succeed("create", "--name", "new", two)
                let known = try lab.succeed("list", "--output", "json").standard
                try lab.configure("# ours\ncatalog: \(store) # on a disk\norphans: keep\n")
                for kind in [store == "sqlite" ? "attributes" : "sqlite", store] {
                    let copied = try lab.succeed("catalog", "convert", kind, "--quiet").standard
                    #expect(copied == "odd\nplain\nnew\n")
                    #expect(
                        try contents(lab.directory + "/etc/stillpoint.yaml")
                            == "# ours\ncatalog: \(kind) # on a disk\norphans: keep\n")
                    #expect(try lab.succeed("list", "--output", "json").standard == known)
                }
                // Neither of the two comes back.
                let left = try shell("cd '\(lab.directory)/state' && ls -d catalog.sqlite* sets*").split(
                    separator: "\n")
                #expect(left.contains("catalog.sqlite.old") && left.contains("sets.old"), "\(left)")
                #expect(left.contains("sets") == (store == "attributes"), "\(left)")
                #expect(left.contains("catalog.sqlite") == (store == "sqlite"), "\(left)")
                try lab.succeed("delete", "new")
                #expect(try lab.stillpoint("delete", "plain").status == 4)
                try lab.succeed("release", "plain")
                try lab.succeed("delete", "plain", "odd")
            }
        }

        @Test(
            "a policy of DLM with every field takes sets as it says",
            .enabled(if: Soak.includes(kernel: "6.12"), Soak.elsewhere))
        func importedPolicy() async throws {
            try await ThinLab.run { lab in
                for name in ["v1", "v2", "v3"] { try lab.fileSystem(name, "ext4", at: name) }
                try shell(
                    """
                    lvchange -qq --addtag backup=yes --addtag owner=shop \(lab.group)/v1
                    lvchange -qq --addtag backup=yes \(lab.group)/v2
                    lvchange -qq --addtag backup=yes --addtag temp \(lab.group)/v3
                    mkdir -p '\(lab.directory)/etc/policies.d'
                    chmod 755 '\(lab.directory)/etc' '\(lab.directory)/etc/policies.d'
                    """)
                let log = lab.directory + "/quiesced"
                try lab.hook(
                    "quiesce-db",
                    """
                    pre: [{id: rest, shell: "echo pre >>\(log)"}]
                    post: [{id: run, shell: "echo post >>\(log)"}]
                    """)
                let policy = "policy-0123456789abcdef0"
                let imported = try lab.succeed("policy", "import-dlm", "Tests/Documents/dlm-everything.json")
                #expect(imported.standard.contains("FastRestoreRule"), "\(imported)")
                try lab.succeed("policy", "validate")
                try lab.succeed("run", policy)
                func sets() throws -> [ImportedListJSON.Set] {
                    try lab.succeed("list", "--policy", policy, "--output", "json").decoded(ImportedListJSON.self).sets
                }
                let before = try sets()
                let set = try #require(before.first)
                #expect(before.count == 1)
                #expect(try contents(log) == "pre\npost\n")
                #expect(set.consistency == "application" && set.preScript == "SUCCESS" && set.postScript == "SUCCESS")
                #expect(set.schedule.split(separator: ",").sorted() == ["Every-12-hours", "Fridays"])
                // The third is excluded, by its own tag.
                #expect(set.members.map(\.volume).sorted() == ["\(lab.group)/v1", "\(lab.group)/v2"])
                let host = try shell("uname -n").trimmingCharacters(in: .whitespacesAndNewlines)
                let tags = ["backup": "yes", "owner": "shop", "type": "dlm", "on": host, "at": set.tags["at"] ?? ""]
                #expect(set.tags == tags)
                #expect(set.tags["at"]?.contains("T") == true)
                // LVM has all of it, and not the catalog alone.
                try shell("rm -rf '\(lab.directory)/state/'*")
                try lab.succeed("reindex")
                #expect(try sets() == before)
                try lab.succeed("delete", "--policy", policy)
            }
        }
    }
}

/// What `list --output json` prints of a policy's sets.
private struct ImportedListJSON: Decodable {
    struct Set: Decodable, Equatable {
        struct Member: Decodable, Equatable { var volume: String }

        var consistency: String?
        var schedule: String
        var tags: [String: String]
        var preScript: String?
        var postScript: String?
        var members: [Member]
    }

    var sets: [Set]
}

/// What `list --output json` prints of tags and holds.
private struct TaggedListJSON: Decodable {
    struct Set: Decodable, Equatable {
        struct Hold: Decodable, Equatable {
            var reason: String
            var until: String?
        }

        var name: String
        var createdAt: String
        var tags: [String: String]
        var hold: Hold?
    }

    var sets: [Set]
}

/// Policies for two volumes of a lab, and what calls `run`.
private final class PolicyLab {
    private let lab: ThinLab
    private let targets: [String]
    private var pipe: String { lab.directory + "/runs" }
    private var environment: String {
        "STILLPOINT_RUN_DIR=\(lab.runDirectory) STILLPOINT_STATE_DIR=\(lab.directory)/state"
            + " STILLPOINT_CONFIG_DIR=\(lab.directory)/etc"
    }

    /// Seconds since 1970 of a Sunday far ahead.
    let midnight = 2_000_592_000

    init(_ lab: ThinLab) throws {
        self.lab = lab
        targets = [try lab.fileSystem("v1", "ext4", at: "v1"), try lab.fileSystem("v2", "xfs", at: "v2")]
        try shell("mkfifo '\(lab.directory)/runs'")
        // Each step of hours would put it in doubt.
        try lab.configure("trustClock: true\n")
        lab.atEnd("set the clock") {
            try shell("hwclock --hctosys || date --set '@\(Int(Date().timeIntervalSince1970))'")
        }
    }

    func policy(_ id: String, _ create: String, _ retain: String) throws {
        try lab.policy(
            id,
            """
            id: \(id)
            targets: [\(targets.joined(separator: ", "))]
            schedules:
            - {id: only, create: \(create.dropLast()), timeZone: UTC}, retain: \(retain)}

            """)
    }

    func setClock(_ seconds: Int) throws { try shell("date --utc --set '@\(seconds)' >/dev/null") }

    /// The units that are installed, with our program and without delay.
    func startTimer() throws {
        try shell(
            """
            for unit in service timer; do
                sed -e 's|@PREFIX@/sbin/stillpoint|\(Lab.stillpoint)|' -e 's/^RandomizedDelaySec=.*/RandomizedDelaySec=0/' \
                    packaging/stillpoint.$unit >/run/systemd/system/stillpoint.$unit
            done
            mkdir -p /run/systemd/system/stillpoint.service.d
            printf '[Service]\\nEnvironment=\(environment)\\nExecStopPost=/bin/sh -c "echo ended >\(pipe)"\\n' \
                >/run/systemd/system/stillpoint.service.d/lab.conf
            systemctl daemon-reload
            systemctl start stillpoint.timer
            """)
        lab.atEnd("remove the units") { [self] in
            try stopTimer()
            try shell("rm -rf /run/systemd/system/stillpoint.*; systemctl daemon-reload")
        }
    }

    func stopTimer() throws { try shell("systemctl stop stillpoint.timer") }

    /// The file that is installed, with our program, and as on a host without systemd.
    func startCron() throws {
        try shell(
            """
            sed -e 's|@PREFIX@/sbin/stillpoint|\(environment) \(Lab.stillpoint)|' -e 's|/run/systemd/system|/none|' \
                -e 's|--quiet$|--quiet; echo ended >\(pipe)|' packaging/stillpoint.cron >/etc/cron.d/stillpoint
            chmod 644 /etc/cron.d/stillpoint
            systemctl restart cron
            """)
        lab.atEnd("remove the cron file") { try shell("rm -f /etc/cron.d/stillpoint; systemctl stop cron") }
    }

    func stopCron() throws { try shell("rm -f /etc/cron.d/stillpoint; systemctl stop cron") }

    /// Until a run has ended that began after the last one.
    func waitForRun() throws { try shell("timeout 300 cat '\(pipe)' | grep -q ended") }

    /// When the sets of a policy were due, oldest first: they were taken seconds later.
    func times(of policy: String) throws -> [Int] {
        struct Sets: Decodable {
            struct Set: Decodable { var createdAt: Date }

            var sets: [Set]
        }
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        let text = try lab.succeed("list", "--policy", policy, "--output", "json").standard
        return try decoder.decode(Sets.self, from: Data(text.utf8)).sets.map { set in
            let seconds = Int(set.createdAt.timeIntervalSince1970)
            return seconds - seconds % 300
        }
    }
}
