import Foundation
import SystemPackage
import Testing

@testable import Commands

/// What `policy import-dlm` makes of what DLM has, and we have not, or otherwise.
struct PolicyImportTests {
    private let host: PolicyHost
    private let file: String

    init() throws {
        host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        file = host.directory.string + "/dlm.json"
    }

    private func write(_ text: String) throws { try text.write(toFile: file, atomically: false, encoding: .utf8) }

    /// A policy with one schedule `s`.
    private func write(targets: String, schedule: String = "") throws {
        try write(
            """
            {"PolicyDetails": {"ResourceTypes": ["INSTANCE"], "TargetTags": [\(targets)], "Schedules": [{"Name": "s",
            "CreateRule": {"Interval": 12}, "RetainRule": {"Count": 3}\(schedule)}]}}
            """)
    }

    @Test("ExtendDeletion is also for a policy that is disabled; what it does not bring here is listed")
    func extendDeletion() async throws {
        for flag in ["true", "false"] {
            try write(#"{"PolicyDetails": {"CreateInterval": 1, "ExtendDeletion": \#(flag)}}"#)
            let run = await host.run("policy import-dlm \(file) --id extends-\(flag)")
            #expect(run.code == .done, "\(run)")
            let text = try host.text(of: "extends-" + flag)
            for part in ["extendDeletion: true", "whenDisabled: expire"] {
                #expect(text.contains(part) == (flag == "true"), "\(part): \(text)")
            }
            for part in ["orphans and orphanAge in stillpoint.yaml decide", "unless pauseAfterFailures is 0"] {
                #expect(run.output.contains(part) == (flag == "true"), "\(part): \(run)")
            }
        }
        #expect(await host.run("policy show extends-true --output json").output.contains(#""whenDisabled":"expire""#))
    }

    @Test("tags that no set can have are left out and listed; all else is imported")
    func tags() async throws {
        try write(
            targets: #"{"Key": "a"}"#,
            schedule: #"""
                , "TagsToAdd": [{"Key": "a=b", "Value": "c"}, {"Key": "stillpoint.x"}, {"Key": "kind", "Value": "dlm"}],
                "VariableTags": [{"Key": "x=y", "Value": "$(timestamp)"}, {"Key": "on", "Value": "$(instance-type)"},
                {"Key": "at", "Value": "$(timestamp)"}]
                """#)
        let run = await host.run("policy import-dlm \(file) --id x")
        #expect(run.code == .done, "\(run)")
        for part in [
            "s: TagsToAdd a=b=c: its key has = in it, so it is left out", "s: TagsToAdd stillpoint.x=: keys that",
            "s: VariableTags x=y=$(timestamp): its key has = in it",
            "s: VariableTags on=$(instance-type): $(instance-type) stands for nothing here",
        ] {
            #expect(run.output.contains(part), "\(part): \(run.output)")
        }
        let text = try host.text(of: "x")
        #expect(text.contains("kind: dlm") && text.contains("at: $(timestamp)"), "\(text)")
        for part in ["a=b", "stillpoint.x", "x=y", "instance-type"] { #expect(!text.contains(part), "\(text)") }
        #expect(await host.run("policy validate x").code == .done)
    }

    @Test("more tags than a set can have: the first ones")
    func manyTags() async throws {
        let tags = (1...50).map { #"{"Key": "key\#($0)", "Value": "v"}"# }.joined(separator: ", ")
        try write(targets: #"{"Key": "a"}"#, schedule: #", "TagsToAdd": [\#(tags)]"#)
        let run = await host.run("policy import-dlm \(file) --id x")
        #expect(run.code == .done, "\(run)")
        for number in 46...50 {
            #expect(run.output.contains("TagsToAdd key\(number)=v: a set has at most 45 tags"), "\(run)")
        }
        let text = try host.text(of: "x")
        #expect(text.contains("key45: v") && !text.contains("key46"), "\(text)")
    }

    @Test("--target says what a policy is for whose target tags LVM cannot hold")
    func targets() async throws {
        try write(targets: #"{"Key": "Cost Center", "Value": "12"}"#)
        let refused = await host.run("policy import-dlm \(file) --id x")
        #expect(refused.code == .usage && refused.messages.contains("give --target"), "\(refused)")
        let run = await host.run("policy import-dlm \(file) --id x --target /a --target /b")
        #expect(run.code == .done, "\(run)")
        #expect(run.output.contains("TargetTags Cost Center=12: --target says"), "\(run)")
        // These volumes need no tag.
        #expect(!run.output.contains("lvchange"), "\(run)")
        #expect(try host.text(of: "x").contains("targets: [/a, /b]"))
        #expect(await host.run("policy validate x").code == .done)
        // One with a blank, which the words of other tests cannot have.
        let words = ["policy", "import-dlm", file, "--id", "y", "--target", "/srv/my data", "--dry-run"]
        let blank = await Run(words, environment: ["STILLPOINT_CONFIG_DIR": "/nowhere/stillpoint"])
        #expect(blank.exitCode == .done && blank.output.contains("targets: [/srv/my data]"), "\(blank)")
        #expect(await host.run("policy import-dlm \(file) --id x --target").code == .usage)
    }

    @Test("--target also makes a policy of its own of DLM's default policy, and goes before tags that could be taken")
    func targetsInstead() async throws {
        try write(#"{"PolicyDetails": {"CreateInterval": 1}}"#)
        let run = await host.run("policy import-dlm \(file) --id x --target /a")
        #expect(run.code == .done && run.output.contains("default policy: it is for what --target says"), "\(run)")
        let text = try host.text(of: "x")
        #expect(text.contains("targets: [/a]") && !text.contains("default: true"), "\(text)")
        try write(targets: #"{"Key": "a"}, {"Key": "b", "Value": "c"}"#)
        let other = await host.run("policy import-dlm \(file) --id y --target /b")
        #expect(other.code == .done && other.output.contains("TargetTags a=, b=c: --target says"), "\(other)")
        #expect(try host.text(of: "y").contains("targets: [/b]"))
    }
}
