import ArgumentParser
import Documents
import FoundationEssentials
import Lifecycle
import Policies
import SetModel
import Snapshots
import SystemPackage

/// `stillpoint policy init`
struct PolicyInitCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Write a new policy: asks for what the command line does not say.",
        discussion: """
            At a terminal it also asks for the time zone, and whether to write the file. Where nobody is, and all else is
            given, it asks nothing.
            """)

    @Option(help: "The policy's id.")
    var id: String?

    @Option(
        name: .customLong("target"), help: ArgumentHelp("What it is for; may be repeated.", valueName: "target"),
        transform: NameArgument.word)
    var targets: [String] = []

    @Flag(help: "It is for every volume that no other policy is for.")
    var allUncovered = false

    @Option(
        help: ArgumentHelp(
            "When: 15m, 1h, 1d, a cron expression, or a calendar expression of systemd.", valueName: "schedule"))
    var schedule: String?

    @Option(help: "The time zone of the schedule. (default: that of this host)")
    var timeZone: String?

    @Option(help: ArgumentHelp("How many sets are kept, or how long: 24, 30d, or daily=7,weekly=4.", valueName: "rule"))
    var keep: String?

    @Option(help: ArgumentHelp("The hook document; - for none.", valueName: "name"))
    var hooks: String?

    @Option(
        name: .customLong("hook-param"),
        help: ArgumentHelp(
            "A parameter of the document, as create takes it; may be repeated. KEY=@FILE: each run reads the file.",
            valueName: "key=value"))
    var parameters: [String] = []

    @Flag(help: "Print the policy, and write nothing.")
    var dryRun = false

    @OptionGroup var console: ConsoleOptions

    func validate() throws {
        if let id { _ = try PolicyAnswers.id(id) }
        // By itself: with one that is wrong no answer to any question would do.
        if let timeZone { _ = try PolicyAnswers.zone(timeZone) }
        if let schedule { _ = try PolicyAnswers.schedule(schedule, timeZone) }
        if let keep { _ = try PolicyAnswers.keep(keep) }
        try HookParameters.check(parameters)
        if !parameters.isEmpty, hooks == nil || hooks == "-" {
            throw ValidationError("There is no hook document that this could be for: name one with --hooks.")
        }
        if allUncovered, !targets.isEmpty { throw ValidationError("Give --target or --all-uncovered.") }
    }

    /// Something has to be asked, so that somebody has to be there.
    private var isIncomplete: Bool {
        [id, schedule, keep, hooks].contains(nil) || targets.isEmpty && !allUncovered
    }

    func perform(_ invocation: Invocation) async throws -> Outcome {
        let folder = try invocation.policies()
        let service = try invocation.service()
        let dialog = invocation.dialog
        let isAsking = dialog.isAttended || isIncomplete
        let scripts = try PolicyScriptAnswers(parameters, invocation)
        try scripts.check(hooks, isAsking: isAsking)
        let policies = try PolicyLoading.all(folder).entries.map(\.policy)
        let known = policies.map(\.id)
        let id = try dialog.ask(self.id, "An id for the policy", flag: "--id") { text in
            guard !known.contains(text) else { throw ValidationError("There is a policy \(text) already.") }
            return try PolicyAnswers.id(text)
        }
        var draft = PolicyDraft(id: id)
        let volumes = try await service.volumes()
        var targeted: [String] = []
        if allUncovered {
            // Another default policy takes none of these away.
            targeted = try await Coverage.of(policies.filter { !$0.targets.isDefault }, service).uncovered
        } else {
            draft.targets = try targets.isEmpty ? askForTargets(volumes, dialog) : targets
            // What nobody finds now, nobody would find tonight.
            for result in try await service.resolve([TargetSelection(targets: draft.targets)]) {
                targeted += try result.get()
            }
        }
        let place = folder.place(for: id)
        var part = PolicyDraft.Part(id: "default")
        let (create, hasZone) = try dialog.ask(
            schedule, "When: 15m, 1h, 1d, a cron expression, or a calendar expression", flag: "--schedule"
        ) { try PolicyAnswers.schedule($0, timeZone) }
        part.create = create
        if !hasZone {
            let zone = try dialog.ask(
                isAsking ? nil : invocation.timeZone, "The time zone of the schedule", flag: "--time-zone",
                otherwise: invocation.timeZone, PolicyAnswers.zone)
            part.create.append(("timeZone", .text(zone)))
        }
        var remarks = try runs(of: draft, part, at: place, invocation.now)
        for line in remarks { try dialog.tell(line) }
        part.retain = try dialog.ask(
            keep, "How many sets are kept, or how long: 24, 30d, or daily=7,weekly=4", flag: "--keep",
            PolicyAnswers.keep)
        draft.parts = [part]
        let forecast = try forecast(of: draft, at: place, volumes, targeted, invocation.now)
        for line in forecast { try dialog.tell(line) }
        remarks += forecast
        part.more = try scripts.ask(hooks, dialog)
        draft.parts = [part]
        return try written(draft, folder, dialog, isAsking: isAsking, remarks)
    }

    private func askForTargets(_ volumes: [VolumeInfo], _ dialog: Dialog) throws -> [String] {
        try dialog.tell("Volumes of this host:")
        for volume in volumes {
            try dialog.tell("  \(([volume.volume] + volume.mountPoints).joined(separator: "  "))")
        }
        return try dialog.ask(
            nil, "What it is for: mount points, devices, VG/LV, @tag or VG, with spaces between", flag: "--target",
            PolicyAnswers.targets)
    }

    /// What is answered so far as a policy.
    private func policy(of draft: PolicyDraft, at place: FilePath) throws -> Policy {
        do { return try draft.written(as: place).policy } catch {
            throw SnapshotError(wrapping: error, otherwise: .usage)
        }
    }

    /// The coming runs: what is kept of them, nobody has said yet.
    private func runs(
        of draft: PolicyDraft, _ part: PolicyDraft.Part, at place: FilePath, _ now: Date
    ) throws -> [String] {
        var draft = draft
        var part = part
        part.retain = [("count", .number(1))]
        draft.parts = [part]
        return PolicyForecast.runs(of: try policy(of: draft, at: place), now: now)
    }

    private func forecast(
        of draft: PolicyDraft, at place: FilePath, _ volumes: [VolumeInfo], _ targeted: [String], _ now: Date
    ) throws -> [String] {
        PolicyForecast(
            try policy(of: draft, at: place), volumes.filter { targeted.contains($0.volume) }, now: now
        ).lines
    }

    private func written(
        _ draft: PolicyDraft, _ folder: PolicyFolder, _ dialog: Dialog, isAsking: Bool, _ remarks: [String]
    ) throws -> Outcome {
        let place = folder.place(for: draft.id)
        do {
            let (text, policy) = try draft.written(as: place)
            if !dryRun {
                let isWanted = try !isAsking || dialog.confirm("Write \(place)?")
                guard isWanted else { throw SnapshotError(.refused, "nothing was written") }
                try folder.add(text, id: policy.id)
            }
            return Outcome(
                PolicyTextReport(policy: policy.id, file: dryRun ? nil : place, text: text, remarks: remarks))
        } catch {
            throw SnapshotError(wrapping: error, otherwise: .usage)
        }
    }
}
