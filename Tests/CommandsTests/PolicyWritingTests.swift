import Foundation
import Simulation
import SystemPackage
import Testing

@testable import Commands

/// `policy init` and `policy import-dlm`, over simulated volumes.
struct PolicyWritingTests {
    @Test("what flags say needs no answer, and the policy works")
    func flags() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        let line = "policy init --id shop --target /a --target /b --schedule 1h --time-zone UTC --keep 3,30d --hooks -"
        let dry = await host.run(line + " --dry-run")
        #expect(dry.code == .done && dry.output.contains("targets: [/a, /b]"), "\(dry)")
        #expect(await host.run("policy list --quiet").output.isEmpty)
        let run = await host.run(line)
        #expect(run.code == .done && run.messages.contains("next runs 2026-11-23 11:00:00, "), "\(run)")
        #expect(run.messages.contains("pool vg0/pool"))
        // 720 hours, and 30 days of them are looked at.
        #expect(run.messages.contains("it will keep 720 sets"), "\(run)")
        _ = await host.run("run")
        host.pass(3600)
        #expect(await host.run("run").code == .done)
        #expect(host.owners == ["shop default"])
        let again = await host.run(line)
        #expect(again.code != .done && again.messages.contains("shop already"), "\(again)")
    }

    @Test("an administrator is asked step by step; a wrong answer is asked for again")
    func answers() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        let run = await host.run(
            "policy init",
            answers: [
                "-x", "shop", "/nowhere-at-all!\u{7}", "/a /b", "every now and then", "30 2 * * *", "Europe/Berln", "",
                "many", "daily=7,weekly=4", "", "y",
            ])
        #expect(run.code == .done, "\(run)")
        for part in [
            "Volumes of this host", "/a", "An id has letters", "keeps nothing", "next runs", "[Europe/Berlin]",
            "did you mean Europe/Berlin?",
        ] {
            #expect(run.messages.contains(part), "\(part): \(run.messages)")
        }
        let text = try host.text(of: "shop")
        #expect(text.contains("timeZone: Europe/Berlin"), "\(text)")
        #expect(text.contains("cron: 30 2 * * *") && text.contains("daily: 7") && text.contains("weekly: 4"), "\(text)")
        #expect(await host.run("policy validate").code == .done)
    }

    @Test("the runs are shown when the schedule is known, in its zone; what it comes to, for its own pools alone")
    func steps() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        host.host.addPool("vg1/pool")
        host.host.addVolume("vg1/x", pool: "vg1/pool")
        let run = await host.run("policy init --id shop", answers: ["/a", "30 2 * * *", "", "5", "-", "y"])
        #expect(run.code == .done, "\(run)")
        let days = (24...28).map { "2026-11-\($0) 02:30:00" }.joined(separator: ", ")
        let parts = [
            "The time zone", "default: next runs \(days) (Europe/Berlin)", "How many sets", "it will keep 5 sets",
            "pool vg0/pool has", "A hook document", "Write ",
        ]
        let places = parts.map { run.messages.firstRange(of: $0)?.lowerBound }
        #expect(!places.contains(nil), "\(run)")
        #expect(places.compactMap(\.self) == places.compactMap(\.self).sorted(), "\(run)")
        #expect(!run.messages.contains("vg1/pool"), "\(run)")
        // A default policy is for what is left.
        let rest = await host.run(
            "policy init --id rest --all-uncovered --schedule 1d --time-zone UTC --keep 3 --hooks - --dry-run")
        #expect(rest.code == .done && rest.messages.contains("pool vg1/pool has"), "\(rest)")
        // vg0/b is left as well.
        #expect(rest.messages.contains("pool vg0/pool has"), "\(rest)")
    }

    @Test(
        "a forecast says when rules reach beyond it",
        arguments: [
            ("1d", "yearly=5", true), ("1d", "2y", true), ("1d", "500", true), ("1m", "300d", true),
            ("1d", "monthly=12,daily=30", false), ("1m", "3d", false), ("1d", "400", false),
        ])
    func forecast(schedule: String, keep: String, isMore: Bool) async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        let run = await host.run(
            "policy init --id a --target /a --schedule \(schedule) --keep \(keep) --hooks - --time-zone UTC --dry-run")
        #expect(run.code == .done && run.messages.contains("keep at least") == isMore, "\(run)")
    }

    @Test("without --time-zone a schedule runs by the host's clock, unless it names a zone itself")
    func zones() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        let line = "policy init --target /a --keep 3 --hooks -"
        #expect(await host.run(line + " --id here --schedule 1d").code == .done)
        #expect(try host.text(of: "here").contains("timeZone: Europe/Berlin"))
        #expect(await host.run("policy next here --count 1 --output json").output.contains("T23:00:00Z"))
        let named = await host.run(line + " --id there", answers: ["Mon *-*-* 02:00 America/New_York", ""])
        #expect(named.code == .done && !named.messages.contains("time zone"), "\(named)")
        #expect(try !host.text(of: "there").contains("timeZone"))
        let two = await host.run(
            line + " --id two --time-zone UTC", answers: ["Mon *-*-* 02:00 America/New_York", "1h", "y"])
        #expect(two.code == .done && two.messages.contains("leave one of both out"), "\(two)")
        #expect(try host.text(of: "two").contains("timeZone: UTC"))
    }

    @Test(
        "nothing is written after a no, without an answer, or for what is not there",
        arguments: [
            (
                "policy init --id shop --target /a --schedule 1h --time-zone UTC --keep 3 --hooks -", ["no"],
                ExitCode.refused
            ),
            ("policy init --id shop --target /a --schedule 1h --time-zone UTC --keep 3", ["-"], .refused),
            ("policy init --id shop --target /a --schedule 1h --time-zone UTC --keep 3", [], .usage),
            ("policy init --id shop --target /a --schedule 1h --keep 3", ["UTC"], .usage),
            ("policy init --time-zone Europe/Berln", ["shop", "/a", "1h", "3", "-", "y"], .usage),
            ("policy init --id shop --schedule 1h", [], .usage),
            ("policy init --id shop --target vg0/none --schedule 1h --keep 3 --hooks -", [], .usage),
            ("policy init --id shop --target /a --schedule 25:00 --keep 3", [], .usage),
            ("policy init --id shop --target /a --schedule 1h --keep fortnightly=2", [], .usage),
            ("policy init --id shop --target /a --schedule 1h --keep 3 --hooks none-such", [], .usage),
            ("policy init --id shop --target /a --all-uncovered --schedule 1h --keep 3", [], .usage),
        ])
    func refusals(line: String, answers: [String], code: ExitCode) async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        let run = await host.run(line, answers: answers)
        #expect(run.code == code, "\(run)")
        #expect(await host.run("policy list --quiet").output.isEmpty)
    }

    /// Every field that DLM has for snapshots (API of 2018-01-12).
    private static let everything = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Documents/dlm-everything.json")

    @Test("a policy of DLM with every field becomes one of ours, and what has no equivalent is listed")
    func importsAll() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        let file = host.directory.string + "/dlm.json"
        try FileManager.default.copyItem(atPath: Self.everything.path, toPath: file)
        let run = await host.run("policy import-dlm \(file)")
        #expect(run.code == .done, "\(run)")
        for part in [
            "odd key", "FastRestoreRule", "CrossRegionCopyRules", "ShareRules", "ArchiveRule", "NoReboot",
            "ExecutionRoleArn", "Tags", "document quiesce-db", "Every-12-hours",
            "its target tags were the instance's; here the volumes need them",
        ] { #expect(run.output.contains(part), "\(part): \(run.output)") }
        let shown = await host.run("policy show policy-0123456789abcdef0 --output json")
        #expect(shown.code == .done, "\(shown)")
        for part in ["@backup=yes", "@temp", "Every-12-hours", "Fridays", "cron(0 17 ? * FRI *)", "quiesce-db"] {
            #expect(shown.output.contains(part), "\(part): \(shown.output)")
        }
        let text = try host.text(of: "policy-0123456789abcdef0")
        for part in [
            "rootVolume: true", "interval: 12", "count: 14", "age: 3mo", "onFailure: skip", "timeout: 60s",
            "retries: 2",
            "copyTags: true", "$(timestamp)", "timeZone: UTC",
        ] { #expect(text.contains(part), "\(part): \(text)") }
        let next = await host.run("policy next policy-0123456789abcdef0 --count 2")
        for time in ["2026-11-23T21:30:00Z", "2026-11-24T09:30:00Z", "2026-11-27T17:00:00Z"] {
            #expect(next.output.contains(time), "\(next)")
        }
        #expect(await host.run("policy import-dlm \(file)").code != .done)
        #expect(await host.run("policy import-dlm \(file) --id other").code == .done)
    }

    @Test("what DLM did not have yet is listed, wherever it stands")
    func importsUnknown() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        let file = host.directory.string + "/dlm.json"
        try #"""
        {"PolicyDetails": {"ResourceTypes": ["VOLUME"], "TargetTags": [{"Key": "a", "Value": "b"}],
         "Parameters": {"ExcludeBootVolume": true, "NewParameter": 1},
         "Schedules": [{"Name": "s", "CreateRule": {"Interval": 12, "NewCreate": 1,
           "Scripts": [{"ExecutionHandler": "db", "Stages": ["PRE"], "MaximumRetryCount": 2, "NewScript": 1}]}, "RetainRule": {"Count": 3, "NewRetain": 1}}]}}
        """#.write(toFile: file, atomically: false, encoding: .utf8)
        let run = await host.run("policy import-dlm \(file) --id x")
        #expect(run.code == .done, "\(run)")
        for part in ["Parameters.NewParameter", "CreateRule.NewCreate", "Scripts.NewScript", "RetainRule.NewRetain"] {
            #expect(run.output.contains("\(part): it has no equivalent"), "\(part): \(run.output)")
        }
        // Without it what the document brings to rest would stay so.
        #expect(run.output.contains("Stages PRE: the document's post-script is run, too"), "\(run)")
        #expect(try !host.text(of: "x").contains("stages"))
        #expect(run.output.contains("MaximumRetryCount: a post-script that fails is not run again by itself"), "\(run)")
        try #"{"CreateInterval": 1, "Exclusions": {"NewExclusion": 1}}"#.write(
            toFile: file, atomically: false, encoding: .utf8)
        let other = await host.run("policy import-dlm \(file) --id y")
        #expect(other.code == .done && other.output.contains("Exclusions.NewExclusion"), "\(other)")
    }

    @Test("DLM's default policy becomes a default policy")
    func importsDefault() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        let file = host.directory.string + "/dlm.json"
        try #"""
        {"PolicyDetails": {"PolicyLanguage": "SIMPLIFIED", "ResourceType": "VOLUME", "CreateInterval": 2,
         "RetainInterval": 9, "CopyTags": true, "ExtendDeletion": true,
         "Exclusions": {"ExcludeBootVolumes": true, "ExcludeVolumeTypes": ["gp2"], "ExcludeTags": [{"Key": "no"}]}}}
        """#.write(toFile: file, atomically: false, encoding: .utf8)
        let run = await host.run("policy import-dlm \(file) --id all")
        #expect(run.code == .done && run.output.contains("ExcludeVolumeTypes"), "\(run)")
        let text = try host.text(of: "all")
        for part in ["default: true", "age: 9d", "extendDeletion: true", "rootVolume: true", "@no"] {
            #expect(text.contains(part), "\(part): \(text)")
        }
        #expect(await host.run("volumes --coverage --quiet").output.isEmpty)
    }

    @Test(
        "what is no policy of DLM's is refused, and nothing is written",
        arguments: [
            "", "[]", "{}", "{\"Policy\": 3}", "no json: [", "PolicyDetails: {TargetTags: [{Key: a}], Schedules: []}",
            #"{"PolicyDetails": {"PolicyType": "EVENT_BASED_POLICY", "EventSource": {"Type": "MANAGED_CWE"}}}"#,
            #"{"PolicyDetails": {"TargetTags": [{"Key": "a b"}], "Schedules": []}}"#,
            #"{"PolicyDetails": {"TargetTags": [{"Key": "a"}], "Schedules": [{"Name": "x", "RetainRule": {"Count": 1}}]}}"#,
            #"{"PolicyDetails": {"TargetTags": [{"Key": "a"}], "Schedules": [{"CreateRule": {"Interval": 12}}]}}"#,
        ])
    func importsNothing(text: String) async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        let file = host.directory.string + "/dlm.json"
        try text.write(toFile: file, atomically: false, encoding: .utf8)
        let run = await host.run("policy import-dlm \(file) --id x")
        #expect(run.code == .usage, "\(run)")
        #expect(run.messages.contains("dlm.json"), "\(run)")
        #expect(await host.run("policy list --quiet").output.isEmpty)
    }
}
