import Documents
import Foundation
import Lifecycle
import SystemPackage
import Testing

@testable import Policies

/// What a policy file may say, and what is said about one that is wrong.
struct PolicyReaderTests {
    private func read(_ text: String) throws -> Policy {
        try PolicyReader(root: DocumentNode(parsing: text, file: "p.yaml")).policy()
    }

    @Test("everything at once")
    func everything() throws {
        let policy = try read(
            """
            id: shop
            description: The shop's database
            state: DISABLED
            targets: {any: [/srv/data, vg0/wal], all: ["@shop"], not: ["@scratch"]}
            exclude: {rootVolume: true, tags: [tmp]}
            whenDisabled: expire
            orphans: expire
            orphanAge: 2mo
            extendDeletion: true
            recompute: all
            pauseAfterFailures: 3
            schedules:
              - id: hourly
                create: {every: 1h, timeZone: Europe/Berlin, jitter: 5m, missedRuns: skip}
                retain: {count: 24, age: 2d, daily: 7, keepLast: 2}
                copyTags: ["app*"]
                tagsToAdd: {from: policy}
                variableTags: {at: $(timestamp)}
                scripts:
                  {hooks: postgresql, parameters: {port: 5433}, timeout: 60s, retries: 2, onFailure: skip,
                   sha256: 0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef}
              - id: nightly
                create: {cron: "cron(0 3 * * ? *)"}
                retain: {count: 7}
              - id: dlm
                create: {interval: 12, unit: HOURS, times: ["09:00"]}
                retain: {age: 30d}
              - id: timer
                create: {onCalendar: "Mon..Fri *-*-* 02:00"}
                retain: {weekly: 4}
            """)
        #expect(policy.id == "shop" && policy.state == .disabled && policy.summary == "The shop's database")
        #expect(
            policy.targets
                == PolicyTargets(
                    any: ["/srv/data", "vg0/wal"], all: ["@shop"], not: ["@scratch", "@tmp"], excludesRoot: true))
        var retention = PolicyRetention()
        retention.whenDisabled = .expire
        retention.orphans = .expire
        retention.orphanAge = RetainAge(2, .months)
        retention.extendDeletion = true
        retention.recompute = .all
        retention.pauseAfterFailures = 3
        #expect(policy.retention == retention)
        #expect(policy.schedules.map(\.id) == ["hourly", "nightly", "dlm", "timer"])
        let hourly = policy.schedules[0]
        #expect(hourly.schedule.zone.name == "Europe/Berlin" && hourly.schedule.jitter == .seconds(300))
        #expect(hourly.schedule.missedRuns == .skip)
        #expect("\(hourly.retain)" == "count 24, age 2d, daily 7, last 2")
        #expect(
            hourly.tags
                == PolicyTags(copied: ["app*"], added: ["from": "policy"], variable: ["at": "$(timestamp)"]))
        #expect(
            hourly.scripts
                == PolicyScripts(
                    document: "postgresql", parameters: ["port": "5433"],
                    sha256: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", timeout: .seconds(60),
                    retries: 2, onFailure: .skip))
        #expect(policy.schedules[1].scripts == nil && policy.schedules[1].tags == PolicyTags())
        #expect(!policy.rules().isEnabled)
    }

    private static let schedule = "schedules: [{id: a, create: {every: 1d}, retain: {count: 1}}]"

    @Test("the shortest one")
    func shortest() throws {
        let policy = try read("id: a\ntargets: vg0\n" + Self.schedule)
        #expect(policy.state == .enabled && policy.targets.any == ["vg0"] && policy.retention == PolicyRetention())
        // Where nothing is said, three runs that fail stop deleting.
        #expect(policy.rules().pauseAfterFailures == 3)
        let never = try read("id: a\ntargets: vg0\npauseAfterFailures: 0\n" + Self.schedule)
        #expect(never.retention.pauseAfterFailures == 0 && never.rules().pauseAfterFailures == nil)
    }

    @Test(
        "errors name file, line, key and what to do",
        arguments: [
            ("targets: vg0\n" + schedule, "p.yaml:1: id is missing"),
            ("id: -a\ntargets: vg0\n" + schedule, "p.yaml:1: id: \"-a\" cannot be an id"),
            ("id: a\ntarget: vg0\n" + schedule, "p.yaml:2: unknown key \"target\"; did you mean targets?"),
            ("id: a\ntargets: {any: []}\n" + schedule, "p.yaml:2: targets: it names no volume"),
            ("id: a\ntargets: vg0\nstate: on\n" + schedule, "p.yaml:3: state: \"on\" is none of ENABLED, DISABLED"),
            ("id: a\ntargets: vg0\nschedules: []", "p.yaml:3: schedules: a policy has at least one schedule"),
            (
                "id: a\ntargets: vg0\nschedules: [{id: x, create: {every: 1d, cron: '* * * * *'}, retain: {count: 1}}]",
                "schedule x: create: give one of cron, every, onCalendar, interval"
            ),
            (
                "id: a\ntargets: vg0\nschedules:\n- id: x\n  create: {cron: '61 * * * *'}\n  retain: {count: 1}",
                "p.yaml:5: schedule x: create.cron: minute"
            ),
            (
                "id: a\ntargets: vg0\nschedules:\n- id: x\n  create: {every: 1d, timeZone: Europe/Berln}\n  retain: {count: 1}",
                "p.yaml:5: schedule x: create.timeZone: time zone \"Europe/Berln\": there is no such zone: write a name like"
                    + " Europe/Berlin, or UTC; did you mean Europe/Berlin?"
            ),
            (
                "id: a\ntargets: vg0\nschedules:\n- id: x\n  create: {every: 1d}\n  retain: {count: 0}",
                "p.yaml:6: schedule x: retain.count: \"0\" is no whole number from 1 to 100000"
            ),
            (
                "id: a\ntargets: vg0\nschedules:\n- id: x\n  create: {every: 1d}\n  retain: {keepLast: 2}",
                "schedule x: retain: it keeps nothing"
            ),
            (
                "id: a\ntargets: vg0\nschedules:\n- id: x\n  create: {every: 1d}\n  retain: {count: 1}\n"
                    + "- id: x\n  create: {every: 1d}\n  retain: {count: 1}", "two schedules have the id x"
            ),
            (
                "id: a\ntargets: vg0\npoolPressure: 150\n" + schedule,
                "p.yaml:3: poolPressure: \"150\" is no whole number from 1 to 99"
            ),
            (
                "id: a\ndefault: true\nexclude: {volumes: [[vg0/a]]}\n" + schedule,
                "p.yaml:3: exclude.volumes: a text is wanted here"
            ),
            (
                "id: a\ntargets: vg0\nschedules: [{id: x, create: {evry: 1d}, retain: {count: 1}}]",
                "p.yaml:3: schedule x: create: unknown key \"evry\"; did you mean every?"
            ),
            (
                "id: a\ntargets: vg0\nschedules: [{id: x, create: {every: 1d}, retain: {count: 1},"
                    + " scripts: {hooks: db, stages: [now]}}]",
                "p.yaml:3: schedule x: scripts.stages: \"now\" is none of pre, post"
            ),
            ("id: a\ntargets: vg0\norphanAge: 7\n" + schedule, "p.yaml:3: orphanAge: \"7\" is no age"),
            (
                "id: a\ntargets: vg0\nschedules:\n- id: x\n  create:\n    interval: 5\n    times: ['09:00']\n  retain: {count: 1}",
                "p.yaml:6: schedule x: create.interval: interval \"5\": allowed with HOURS"
            ),
            (
                "id: a\ntargets: vg0\nschedules:\n- id: x\n  create:\n    interval: 4\n    times: ['9']\n  retain: {count: 1}",
                "p.yaml:7: schedule x: create.times: times \"9\": write hh:mm"
            ),
            (
                "id: a\ntargets: vg0\nschedules: [{id: x, create: {every: 1d, unit: DAYS}, retain: {count: 1}}]",
                "schedule x: create.unit: it goes with interval only"
            ),
        ])
    func wrong(text: String, says: String) {
        let error = #expect(throws: DocumentError.self) { try read(text) }
        #expect(error.map { "\($0)" }?.contains(says) == true, "\(error.map { "\($0)" } ?? "")")
    }

    @Test("where a policy says what only its host can judge")
    func places() throws {
        let text = """
            id: shop
            targets: {any: [vg0/a, "@b"], all: vg0}
            schedules:
            - id: one
              create:
                cron: "0 2 * * *"
              retain: {count: 1}
              scripts:
                hooks: db
            - {id: two, create: {interval: 4, times: ["09:00"]}, retain: {count: 1}}
            """
        let places = try PolicyReader(root: DocumentNode(parsing: text, file: "p.yaml")).places()
        #expect(places.id.error("x").description == "p.yaml:1: id: x")
        #expect(places.targets.map { $0.error("x").line } == [2, 2, 2])
        #expect(try places.targets.map { try $0.text() } == ["vg0/a", "@b", "vg0"])
        #expect(
            places.schedules["one"]?.timing.error("x").description == "p.yaml:6: schedule one: schedules.create.cron: x"
        )
        #expect(
            places.schedules["one"]?.hooks?.error("x").description
                == "p.yaml:9: schedule one: schedules.scripts.hooks: x")
        #expect(
            places.schedules["two"]?.timing.error("x").description
                == "p.yaml:10: schedule two: schedules.create.interval: x")
        #expect(places.schedules["two"]?.hooks == nil)
    }

    @Test(
        "a state is written into the text, and nothing else changes",
        arguments: [
            ("id: a\n", "state: DISABLED\nid: a\n"),
            ("# of mine\n---\nid: a\nstate: ENABLED # now\n", "# of mine\n---\nid: a\nstate: DISABLED # now\n"),
            ("# of mine\nid: a\n# end", "# of mine\nstate: DISABLED\nid: a\n# end"),
        ])
    func state(before: String, after: String) {
        #expect(PolicyText.settingState(.disabled, in: before) == after)
    }
}
