import Glibc
import SystemPackage
import Testing

@testable import LinuxSystem

/// A made-up /proc: a namespace is a file, and processes that share it have hard links to that file.
struct MountSurveyTests {
    private struct Proc {
        let scratch: Scratch

        init() throws { scratch = try Scratch() }

        func add(_ name: String, namespace: String, root: String = "/", mounts: String?) throws {
            try scratch.file("ns-" + namespace)
            let directory = try scratch.directory("proc/\(name)/ns").removingLastComponent()
            try Child.run(
                "ln", scratch.path.appending("ns-" + namespace).string, directory.pushing("ns/mnt").string)
            try scratch.link("proc/\(name)/root", to: root)
            if let mounts { try scratch.file("proc/\(name)/mountinfo", mounts) }
        }

        func read() throws -> MountSurvey { try MountSurvey.read(proc: scratch.path.appending("proc")) }
        func path(_ rest: String) -> FilePath { scratch.path.appending("proc").pushing(FilePath(rest)) }
    }

    private static func table(_ id: Int, _ point: String) -> String {
        "\(id) 1 8:1 / \(point) rw - ext4 /dev/sda1 rw\n"
    }

    @Test func ourOwnComesFirstAndEachNamespaceOnce() throws {
        let proc = try Proc()
        try proc.add("self", namespace: "own", mounts: Self.table(30, "/own"))
        try proc.add("7", namespace: "own", mounts: Self.table(30, "/own"))
        try proc.add("8", namespace: "other", mounts: Self.table(40, "/other"))
        try proc.add("9", namespace: "other", mounts: Self.table(40, "/other"))
        let survey = try proc.read()
        #expect(survey.mounts.map(\.mount.id) == [30, 40])
        #expect(survey.mounts.map(\.process) == [nil, 8])
        #expect(survey.mounts.map(\.path) == ["/own", proc.path("8/root/other")])
        #expect(survey.unreadable.isEmpty)
    }

    @Test func theRootOfANamespaceIsReachedThroughItsProcess() throws {
        let mount = try MountTable.parse(Array(Self.table(40, "/").utf8))[0]
        #expect(NamespacedMount(mount, process: 12).path == "/proc/12/root/.")
        #expect(NamespacedMount(mount).path == "/")
    }

    @Test func theRootOfANamespaceCanBeOpened() throws {
        let root = try OpenMount.containing("/")
        let opened = try OpenMount.open(NamespacedMount(root, process: getpid()))
        try opened.close()
    }

    @Test func aProcessWithANarrowerRootDoesNotStandForItsNamespace() throws {
        let proc = try Proc()
        try proc.add("self", namespace: "own", mounts: Self.table(30, "/own"))
        try proc.add("8", namespace: "other", root: "/srv/jail", mounts: Self.table(41, "/"))
        try proc.add("9", namespace: "other", root: "/", mounts: Self.table(40, "/other") + Self.table(41, "/srv/jail"))
        #expect(try proc.read().mounts.map(\.mount.id) == [30, 40, 41])
    }

    @Test func aProcessThatEndedIsReplacedByAnother() throws {
        let proc = try Proc()
        try proc.add("self", namespace: "own", mounts: Self.table(30, "/own"))
        try proc.add("8", namespace: "other", mounts: nil)
        try proc.add("9", namespace: "other", root: "/gone", mounts: Self.table(40, "/other"))
        _ = try proc.scratch.directory("proc/10")
        _ = try proc.scratch.directory("proc/sys")
        let survey = try proc.read()
        #expect(survey.mounts.map(\.mount.id) == [30, 40])
        #expect(survey.unreadable.isEmpty)
    }
}
