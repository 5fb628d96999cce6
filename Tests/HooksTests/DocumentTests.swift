import Foundation
import SystemPackage
import Testing

@testable import Hooks

/// Our own form of a hook document.
struct DocumentTests {
    @Test("everything that a document can say")
    func whole() throws {
        let folder = try Folder()
        try folder.write(
            "db.yaml",
            """
            description: A database
            minimumVersion: "0.1"
            parameters:
              user: postgres
              port: {default: "5432", description: TCP, allowedPattern: "[0-9]+"}
              password: {secret: true}
            pre:
              - id: checkpoint
                argv: [psql, -U, "{{ user }}", -c, CHECKPOINT]
                timeout: 60s
                runAs: "{{ user }}"
                environment: {PGPORT: "{{port}}"}
                onError: continue
              - id: script
                shell: |
                  echo "$HOOK_user" '{{.Names}}'
            hold:
              shell: cat
            post:
              - id: done
                argv: [/bin/true]
                directory: /
            mayFreeze: true
            """)
        let document = try folder.hooks.document(named: "db")
        #expect(document.format == .stillpoint && document.summary == "A database")
        #expect(document.parameters.map(\.name) == ["user", "port", "password"])
        #expect(document.parameters[2].isSecret && document.parameters[2].fallback == nil)
        #expect(document.pre.map(\.id) == ["checkpoint", "script"] && document.post.map(\.id) == ["done"])
        #expect(document.hold == HookStep(id: "hold", command: .shell("cat")))
        #expect(document.pre[0].timeout == .seconds(60) && document.pre[0].onError == .goOn)
        #expect(!document.runsPostAfterPowerCut && document.mayFreeze)
        let step = document.pre[0].substituting(try document.values(["password": "x", "user": "me"]))
        #expect(step.command == .program(["psql", "-U", "me", "-c", "CHECKPOINT"]))
        #expect(step.runAs == "me" && step.environment == ["PGPORT": "5432"])
        #expect(try folder.hooks.names() == ["db"])
    }

    @Test(
        "what is wrong is named by file, line and step",
        arguments: [
            ("", "x.yaml: the file is empty"),
            ("pre: [", "x.yaml:2: did not find"),
            ("description: nothing", "x.yaml:1: it has no step"),
            ("pre: []\npots: []", "x.yaml:2: unknown key \"pots\"; did you mean post?"),
            (
                "pre:\n  - id: a\n    argv: [a]\n    timout: 3s",
                "x.yaml:4: pre step 1: unknown key \"timout\"; did you mean timeout?"
            ),
            ("pre:\n  - argv: [a]", "x.yaml:2: pre step 1: id is missing"),
            ("pre:\n  - id: a b\n    argv: [a]", "x.yaml:2: pre step 1: \"a b\" cannot be an id"),
            ("pre:\n  - id: a", "x.yaml:2: step a: argv or shell is missing"),
            ("pre:\n  - id: a\n    argv: []", "x.yaml:3: step a: argv: it names no program"),
            ("pre:\n  - id: a\n    argv: [a]\n    shell: b", "x.yaml:2: step a: give argv or shell, not both"),
            ("pre:\n  - id: a\n    argv: [a]\n    timeout: 5", "x.yaml:4: step a: timeout: \"5\" is no duration"),
            ("pre:\n  - id: a\n    argv: [a]\n    timeout: 2h", "x.yaml:4: step a: timeout: 2h does not lie between"),
            (
                "pre:\n  - id: a\n    argv: [a]\n    onError: ignore",
                "x.yaml:4: step a: onError: \"ignore\" is none of fail, continue"
            ),
            (
                "pre:\n  - id: a\n    argv: [a]\n    environment: {LD_PRELOAD: x}",
                "x.yaml:4: step a: environment: \"LD_PRELOAD\" cannot be set"
            ),
            (
                "pre:\n  - id: a\n    argv: [a]\n    directory: tmp",
                "x.yaml:4: step a: directory: tmp is not an absolute path"
            ),
            ("pre:\n  - id: a\n    argv: [\"{{ who }}\"]", "x.yaml:2: step a: {{ who }} is no parameter"),
            (
                "parameters: {a: b}\npre:\n  - id: a\n    shell: echo {{ a }}",
                "x.yaml:4: step a: shell: a parameter's text would become part"
            ),
            (
                "parameters: {a-b: c}\npre:\n  - id: a\n    shell: x",
                "x.yaml:1: parameters: \"a-b\" cannot name a parameter"
            ),
            (
                "parameters: {a: {default: x, allowedValues: [y]}}\npre: []",
                "x.yaml:1: parameter a: the default \"x\" is none of y"
            ),
            (
                "parameters: {a: {allowedPattern: \"(\"}}\npre: []",
                "x.yaml:1: parameter a: allowedPattern: \"(\" is no regular expression"
            ),
            (
                "minimumVersion: \"9.0\"\npre:\n  - id: a\n    argv: [a]",
                "x.yaml:1: minimumVersion: it needs Stillpoint 9.0"
            ),
            (
                "pre:\n  - id: a\n    argv: [a]\npost:\n  - id: a\n    argv: [a]",
                "x.yaml:5: step a: two steps have the id a"
            ),
            (
                "parameters: {a: {secret: true}}\npre:\n  - id: a\n    argv: [\"--x={{ a }}\"]",
                "x.yaml:3: step a: argv: `ps` would show a, which is a secret"
            ),
            (
                "post:\n  - id: a\n    argv: [a]\n    onError: continue",
                "x.yaml:4: step a: onError: it is for pre"
            ),
            ("hold:\n  shell: a\n  onError: fail", "x.yaml:3: step hold: onError: it is for pre"),
            ("pre: 3", "x.yaml:1: pre: a list is wanted here"),
            (
                "parameters: {a: {secret: true}}\nafterPowerCut: post\npost: [{id: a, argv: [a]}]",
                "x.yaml:2: afterPowerCut: post keeps the parameters on a disk, and a is a secret"
            ),
            ("pre: []\npre: []", "x.yaml:1: pre is there twice"),
        ])
    func wrong(text: String, says: String) throws {
        let folder = try Folder()
        try folder.write("x.yaml", text)
        let refusal = folder.refusal("x")
        #expect(refusal.contains(says), "\(refusal)")
    }

    @Test("what is missing is looked for with the parameters in place")
    func missing() throws {
        let step = HookStep(id: "a", command: .program(["{{ program }}"]), runAs: "{{ user }}")
        let document = HookDocument(name: "d", file: "/none", format: .stillpoint, pre: [step])
        #expect(document.missing(["program": "true", "user": "root"]) == [])
        #expect(document.missing(["program": "true", "user": "no such"]) == ["step a: there is no user no such"])
        #expect(document.missing(["program": "/no/such", "user": "root"]).count == 1)
        let inDirectory = HookStep(id: "b", command: .program(["true"]), directory: "{{ place }}")
        let other = HookDocument(name: "d", file: "/none", format: .stillpoint, post: [inDirectory])
        #expect(other.missing(["place": "/"]) == [])
        #expect(other.missing(["place": "/no/such"]) == ["step b: there is no directory /no/such"])
    }

    @Test("values of parameters")
    func values() throws {
        let folder = try Folder()
        try folder.write(
            "x.yaml", "parameters: {a: {}, b: {default: y, allowedValues: [y, z]}}\npre: [{id: a, argv: [a]}]")
        let document = try folder.hooks.document(named: "x")
        #expect(try document.values(["a": ""]) == ["a": "", "b": "y"])
        for (given, says) in [
            ([:], "parameter a: it has no default"), (["a": "1", "c": "2"], "parameter c: there is no such parameter"),
            (["a": "1", "b": "x"], "parameter b: the value \"x\" is none of y, z"),
        ] {
            let error = #expect(throws: HookParameterError.self) { try document.values(given) }
            #expect(error?.description.contains(says) == true)
        }
    }
}
