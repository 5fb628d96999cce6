import SetModel
import Snapshots
import Testing

@testable import Commands

/// Which request a command line becomes.
struct RequestTests {
    @Test func createWithDefaults() async {
        let run = await Run("create / vg0/data @db")
        #expect(run.calls == printed(.create(CreateRequest(targets: ["/", "vg0/data", "@db"]))))
        #expect(run.exitCode == .done)
    }

    @Test func createWithEverything() async {
        let run = await Run(
            """
            create --name nightly --tag note=a=b --require filesystem --max-window 250ms --expire-after 2w \
            --pool-limit 80.5 --dry-run --quiet /srv
            """)
        let request = CreateRequest(
            targets: ["/srv"], name: "nightly", tags: ["note": "a=b"], require: .filesystem,
            maxWindow: .milliseconds(250), expireAfter: .seconds(14 * 86_400), poolLimitPercent: 80.5, dryRun: true)
        #expect(run.calls == printed(.create(request)))
    }

    @Test(arguments: ["list", "ls", "list --output json", "list -q", "list -v"])
    func list(_ line: String) async {
        #expect(await Run(line).calls == printed(.list))
    }

    @Test func show() async {
        #expect(await Run("show nightly").calls == printed(.show("nightly"), .mounts("nightly")))
    }

    @Test(arguments: ["delete a b a", "rm a b"])
    func delete(_ line: String) async {
        #expect(await Run(line).calls == printed(.delete("a"), .delete("b")))
    }

    @Test func mountWithDefaults() async {
        #expect(await Run("mount nightly").calls == printed(.mount(MountRequest(set: "nightly"))))
    }

    @Test func mountWithEverything() async {
        let run = await Run("mount nightly --at ../mnt/./x --writable --allow-programs --key-file /root/key")
        let request = MountRequest(
            set: "nightly", at: "/home/mnt/x", writable: true, allowPrograms: true, keyFile: "/root/key")
        #expect(run.calls == printed(.mount(request)))
    }

    @Test(arguments: ["unmount nightly", "umount nightly"])
    func unmount(_ line: String) async {
        #expect(await Run(line).calls == printed(.unmount("nightly")))
    }

    @Test func volumes() async {
        #expect(await Run("volumes").calls == printed(.volumes))
    }

    @Test func freeze() async {
        #expect(await Run("freeze /srv /var --for 30s").calls == printed(.freeze(["/srv", "/var"], .seconds(30))))
    }

    @Test func thaw() async {
        #expect(await Run("thaw").calls == printed(.thaw))
    }

    @Test func recover() async {
        #expect(await Run("recover").calls == printed(.recover))
    }

    @Test func requiringHooksIsRefusedBeforeAnythingIsTouched() async {
        let run = await Run("create / --require application")
        #expect(run.exitCode == .refused)
        #expect(run.calls == printed())
        #expect(run.messages.contains("hooks"))
    }

    @Test(arguments: [
        "create /", "list", "show a", "delete a", "mount a", "unmount a", "volumes", "freeze / --for 1s", "thaw",
        "recover",
    ])
    func everyVerbIsForRoot(_ line: String) async {
        let run = await Run(line, isRoot: false)
        #expect(run.exitCode == .refused)
        #expect(run.calls == printed())
        #expect(run.messages == "stillpoint: error: stillpoint must be run as root; try sudo\n")
    }

    @Test(arguments: ["--help", "--version", "help", "help create", "create --help", ""])
    func helpIsForEveryone(_ line: String) async {
        let run = await Run(line, isRoot: false)
        #expect(run.exitCode == .done)
        #expect(!run.output.isEmpty)
        #expect(run.messages.isEmpty)
    }

    @Test func version() async {
        #expect(await Run("--version").output == Version.current + "\n")
    }
}
