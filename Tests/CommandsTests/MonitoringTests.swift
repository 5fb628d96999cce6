import Foundation
import SystemPackage
import Testing

@testable import Commands

/// The alerts and the dashboard that come along.
struct MonitoringTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "packaging/monitoring")
    private static let files = ["stillpoint-alerts.yaml", "stillpoint-alerts-test.yaml", "stillpoint-dashboard.json"]

    @Test("they ask for no metric that there is not", arguments: files)
    func names(_ file: String) async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.configure("events: {sinks: [{id: pager, command: [/bin/true]}]}\n")
        try host.policy("shop", PolicyHost.hourly(keeping: 3))
        #expect(await host.run("run").code == .done)
        // Until a run is over an hour old no set is expected.
        await host.passHours(2)
        let known = Self.names(in: await host.run("metrics --format prometheus").output)
        let asked = Self.names(in: try String(contentsOf: Self.folder.appending(path: file), encoding: .utf8))
        #expect(asked.count > 5 && asked.subtracting(known).isEmpty, "\(asked.subtracting(known))")
    }

    private static func names(in text: String) -> Set<String> {
        Set(text.split { !$0.isLetter && $0 != "_" }.filter { $0.hasPrefix("stillpoint_") }.map(String.init))
    }

    @Test("the dashboard is JSON, and no two panels are one")
    func dashboard() throws {
        struct Dashboard: Decodable {
            struct Panel: Decodable {
                var id: Int
            }
            var panels: [Panel]
        }
        let data = try Data(contentsOf: Self.folder.appending(path: "stillpoint-dashboard.json"))
        let ids = try JSONDecoder().decode(Dashboard.self, from: data).panels.map(\.id)
        #expect(!ids.isEmpty && Set(ids).count == ids.count)
    }

    @Test("promtool finds nothing wrong with the alerts", .enabled(if: Promtool.isThere, "needs promtool"))
    func alerts() throws {
        for (verb, file) in [("check", "stillpoint-alerts.yaml"), ("test", "stillpoint-alerts-test.yaml")] {
            let path = Self.folder.appending(path: file).path
            let (code, output) = try Promtool.run([verb, "rules", path])
            #expect(code == 0, "\(output)")
        }
    }
}
