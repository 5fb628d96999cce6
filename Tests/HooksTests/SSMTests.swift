import Foundation
import Testing

@testable import Hooks

/// SSM command documents as people bring them from AWS.
struct SSMTests {
    /// In the style of somebody who used Amazon DLM: parameters, precondition, one script that is told what to do.
    static let yaml = """
        schemaVersion: '2.2'
        description: Brings the application to rest
        parameters:
          executionId:
            type: String
            default: None
            description: Which execution this is
            allowedPattern: ^(None|[a-fA-F0-9]{8}-([a-fA-F0-9]{4}-){3}[a-fA-F0-9]{12})$
          command:
            type: String
            default: dry-run
            description: What to do
            allowedValues:
              - pre-script
              - post-script
              - dry-run
        mainSteps:
          - action: aws:runShellScript
            name: run_script
            precondition:
              StringEquals:
                - platformType
                - Linux
            inputs:
              runCommand:
                - |
                  #!/bin/bash
                  OPERATION={{ command }}
                  echo "$OPERATION for {{ executionId }}"
                  case ${OPERATION} in
                    pre-script) exit ${PRE:-0} ;;
                    post-script) exit 0 ;;
                    *) exit 1 ;;
                  esac
          - action: aws:runShellScript
            name: for_others
            precondition: {StringEquals: [platformType, Windows]}
            inputs: {runCommand: ["never"]}
        """

    @Test("YAML and JSON say the same")
    func forms() throws {
        let folder = try Folder()
        try folder.write("a.yaml", Self.yaml)
        let document = try folder.hooks.document(named: "a")
        #expect(document.format == .ssm && document.mayFreeze)
        #expect(document.parameters.map(\.name) == ["executionId"])
        #expect(document.pre.map(\.id) == ["pre-run_script"] && document.post.map(\.id) == ["post-run_script"])
        let values = try document.values(["executionId": "12345678-1234-1234-1234-123456789abc"])
        guard case .shell(let script) = document.pre[0].substituting(values).command else { throw CancellationError() }
        #expect(script.hasPrefix("#!/bin/bash\nOPERATION=pre-script\n"))
        #expect(script.contains("for 12345678-"))
        #expect(throws: HookParameterError.self) { try document.values(["executionId": "; rm -rf /"]) }

        let json = """
            {"schemaVersion": "2.2", "parameters": {"command": {"type": "String", "allowedValues":
            ["pre-script", "post-script", "dry-run"]}}, "mainSteps": [{"action": "aws:runShellScript", "name": "x",
            "inputs": {"timeoutSeconds": "60", "workingDirectory": "", "runCommand": ["echo {{command}} \\ud83d\\ude00", "exit 0"]}}]}
            """
        try folder.write("b.json", json)
        let other = try folder.hooks.document(named: "b")
        #expect(other.post[0].command == .shell("echo post-script 😀\nexit 0\n"))
        #expect(other.post[0].timeout == .seconds(60) && other.post[0].directory == nil)
    }

    /// A document with other parameters and inputs.
    private func document(_ parameters: String, inputs: String, script: String = "echo x") throws -> HookDocument {
        let folder = try Folder()
        try folder.write(
            "a.yaml",
            """
            schemaVersion: '2.2'
            parameters:
              command: {type: String}
              \(parameters)
            mainSteps:
              - action: aws:runShellScript
                name: x
                inputs: {\(inputs), runCommand: ['\(script)']}
            """)
        return try folder.hooks.document(named: "a")
    }

    @Test("a time limit and a directory that are parameters")
    func substitutedInputs() throws {
        let document = try document(
            "executionTimeout: {type: String, default: '90'}\n  place: {type: String, default: ''}",
            inputs: "timeoutSeconds: '{{ executionTimeout }}', workingDirectory: '{{place}}'")
        let plain = document.pre[0].substituting(try document.values([:]))
        #expect(plain.timeout == .seconds(90) && plain.timeoutText == nil && plain.directory == nil)
        let other = document.post[0].substituting(try document.values(["executionTimeout": "7", "place": "/srv"]))
        #expect(other.timeout == .seconds(7) && other.directory == "/srv")
        for wrong in ["", "0", "soon", "172801"] {
            #expect(throws: HookParameterError.self) { try document.values(["executionTimeout": wrong]) }
        }
        #expect(throws: (any Error).self) {
            try self.document("a: {type: String}", inputs: "timeoutSeconds: '{{ other }}'")
        }
    }

    @Test("each execution has a UUID, unless one is given or the document takes none")
    func executions() throws {
        let uuid = "'[a-f0-9]{8}-([a-f0-9]{4}-){3}[a-f0-9]{12}'"
        for (declared, given, isDrawn) in [
            ("{type: String}", nil, true), ("{type: String, default: ''}", nil, true),
            ("{type: String, default: None}", nil, true), ("{type: String, allowedPattern: \(uuid)}", nil, true),
            ("{type: String, default: None}", "None", false), ("{type: String, default: ''}", "7", false),
            ("{type: String, default: '1', allowedPattern: '[0-9]+'}", nil, false),
        ] as [(String, String?, Bool)] {
            let document = try document("executionId: \(declared)", inputs: "timeoutSeconds: 5")
            let values = given.map { ["executionId": $0] } ?? [:]
            let value = try #require(try document.values(values)["executionId"])
            #expect((UUID(uuidString: value) != nil) == isDrawn, "\(declared): \(value)")
            // Another one each time.
            if isDrawn {
                #expect(try document.values(values)["executionId"] != value)
            } else {
                #expect(value == given ?? "1")
            }
        }
    }

    @Test("a list: words with commas, in the script as SSM writes it")
    func lists() throws {
        let document = try document(
            "points: {type: StringList, default: [/a, /b], allowedPattern: '/[\\w/-]*'}", inputs: "timeoutSeconds: 5",
            script: "echo {{ points }}")
        func script(_ given: [String: String]) throws -> HookStep.Command {
            document.pre[0].substituting(try document.values(given)).command
        }
        #expect(try script([:]) == .shell("echo [\"/a\",\"/b\"]\n"))
        #expect(try script(["points": "/srv/data,/srv/x-y"]) == .shell("echo [\"/srv/data\",\"/srv/x-y\"]\n"))
        #expect(try script(["points": "[\"/c\"]"]) == .shell("echo [\"/c\"]\n"))
        #expect(throws: HookParameterError.self) { try document.values(["points": "/a,b"]) }
        #expect(throws: (any Error).self) {
            try self.document("list: {type: StringList}", inputs: "timeoutSeconds: 5", script: "{{ list }}")
        }
    }

    @Test("a pattern of Java's that cannot be evaluated is told, and checks nothing")
    func patterns() throws {
        for pattern in ["(?i)on|off", "(?!x).*", "a++", "[a&&b]"] {
            let document = try document("a: {type: String, allowedPattern: '\(pattern)'}", inputs: "timeoutSeconds: 5")
            #expect(document.remarks.count == 1 && document.remarks[0].contains("not checked"), "\(document.remarks)")
            #expect(try document.values(["a": "anything"])["a"] == "anything")
        }
        let document = try document(
            "a: {type: String, allowedPattern: '[\\w.\\-]+\\d?'}", inputs: "timeoutSeconds: 5")
        #expect(document.remarks == [])
        #expect(try document.values(["a": "a-b.c_1"])["a"] == "a-b.c_1")
        for wrong in ["a b", "a\\b", ""] {
            #expect(throws: HookParameterError.self) { try document.values(["a": wrong]) }
        }
    }

    @Test("a lock that ends with its step is told of, and none that hold keeps")
    func locks() throws {
        let document = try document(
            "a: {type: String}", inputs: "timeoutSeconds: 5", script: "mysql -e \"Flush Tables with Read Lock\"")
        #expect(document.remarks.count == 1, "\(document.remarks)")
        #expect(document.remarks.first?.hasPrefix("step pre-x: a lock by FLUSH TABLES") == true, "\(document.remarks)")
        let folder = try Folder()
        try folder.write("pre.yaml", "pre: [{id: a, argv: [mysql, -e, FLUSH TABLES WITH READ LOCK]}]")
        try folder.write("hold.yaml", "hold: {shell: echo FLUSH TABLES WITH READ LOCK}")
        #expect(try folder.hooks.document(named: "pre").remarks.count == 1)
        #expect(try folder.hooks.document(named: "hold").remarks == [])
    }

    @Test(
        "what cannot be run is refused",
        arguments: [
            ("schemaVersion: '2.2'", "schemaVersion: '0.3'", "schemaVersion: 0.3 is not supported"),
            ("aws:runShellScript", "aws:runPowerShellScript", "action: aws:runPowerShellScript is not supported"),
            ("      - dry-run\n", "", "a.yaml:10: parameter command: the value \"dry-run\" is none of"),
            ("    runCommand:", "    runCommands:", "step 1: inputs: runCommand is missing"),
            ("        - Linux", "        - Windows", "no step of it is for Linux"),
            ("platformType\n", "other\n", "precondition.StringEquals: a precondition other than on platformType"),
            ("  command:\n", "  kommand:\n", "it has no parameter `command`"),
        ])
    func refused(text: String, replacement: String, says: String) throws {
        let folder = try Folder()
        #expect(Self.yaml.contains(text))
        try folder.write("a.yaml", Self.yaml.replacing(text, with: replacement, maxReplacements: 1))
        let refusal = folder.refusal("a")
        #expect(refusal.contains(says), "\(refusal)")
    }
}
