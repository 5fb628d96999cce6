import Testing

@testable import Commands

/// What must not be seen of a document's parameters.
struct HookSecretTests {
    @Test("policy show: of parameters only the names of files, whatever there is of the document")
    func policies() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy(
            "one",
            """
            - id: a
              create: {every: 1d}
              retain: {count: 1}
              scripts:
                hooks: redis
                parameters: {password: hunter2, port: 6379, other: "@@hunter3", file: "@/root/password"}
            """)
        let table = await host.run("policy show one").output
        #expect(
            table.contains("hook parameters: file=@/root/password, other=***, password=***, port=***"), "\(table)")
        let json = await host.run("policy show one --output json").output
        let parameters = #""parameters":{"file":"@/root/password","other":"***","password":"***","port":"***"}"#
        #expect(json.contains(parameters), "\(json)")
        for text in [table, json] { #expect(!text.contains("hunter"), "\(text)") }
    }
}
