import Testing

@testable import LVM

/// What ``LVMWorker`` and ``WorkerProcess`` say to each other.
struct WorkerTextsTests {
    @Test(
        "a job comes through as it was",
        arguments: [
            LVMJob(commands: [], stopAtFirstFailure: false),
            LVMJob(
                commands: [["lvs", ""], ["lvremove", "a\nb", "3\nöß\0"]], stopAtFirstFailure: true, lock: "/run/x"),
        ])
    func job(_ job: LVMJob) { #expect(LVMJob(job.encoded) == job) }

    @Test(
        "a report comes through as it was",
        arguments: [
            LVMJobReport(results: [], failure: "no\n7\nprocess"),
            LVMJobReport(results: [
                LVMResult(command: ["lvs", "-o", ""], status: -5, output: "  a\n\n", errors: "9\n"),
                LVMResult(command: [], status: 1),
            ]),
        ])
    func report(_ report: LVMJobReport) { #expect(LVMJobReport(report.encoded) == report) }

    @Test(
        "what was cut off or damaged is nothing",
        arguments: ["", "x", "3\nab", "-1\n", "4\nstop", "4\nstop0\n5\nabcde", "4\nstop0\n1\n2", "4\nstop0\n1\n9"])
    func damaged(_ text: String) { #expect(LVMJob(Array(text.utf8)) == nil) }

    @Test("every beginning of a report is refused or whole in its results")
    func truncated() {
        let report = LVMJobReport(results: [LVMResult(command: ["lvs"], status: 1, output: "a", errors: "b")])
        for length in 0..<report.encoded.count {
            guard let read = LVMJobReport(Array(report.encoded.prefix(length))) else { continue }
            #expect(read.results.isEmpty)
        }
    }
}
