import SetModel
import Snapshots
import Testing

@testable import Commands

struct OutputTests {
    typealias Answers = RecordingService.Answers

    static let sampleJSON = """
        {"id":"1a2b3c4d5e6f708192a3b4c5d6e7f809","name":"nightly","state":"complete","consistency":"filesystem",\
        "consistencyReason":"every mounted file system was frozen","createdAt":"2026-11-23T05:17:11Z",\
        "expiresAt":"2026-11-30T05:17:11Z","hold":null,"purgeAt":null,"policy":null,"schedule":null,"tags":{"app":"größe","env":"prod"},\
        "frozenWindowMs":41.235,"preScript":null,"postScript":null,"hooks":[],"memberCount":2,"members":[{"volume":"vg0/data",\
        "snapshot":"vg0/data_sp_20261123T051711Z_1a2b","thinID":7,"sizeBytes":10737418240,"filesystem":"ext4",\
        "mountPoint":"/srv","frozenMs":12.5,"originUUID":"O-1","snapshotUUID":"S-1"},{"volume":"vg0/log",\
        "snapshot":"vg0/log_sp_20261123T051711Z_1a2b","thinID":null,"sizeBytes":1610612736,"filesystem":null,\
        "mountPoint":null,"frozenMs":null,"originUUID":"O-2","snapshotUUID":null}]}
        """
    static let mount = MountedMember(
        volume: "vg0/data", device: "/dev/vg0/data_sp", path: "/run/stillpoint/mnt/nightly/srv", filesystem: "ext4",
        options: "ro,nosuid")
    static let volume = VolumeInfo(
        volume: "vg0/data", pool: "vg0/pool", sizeBytes: 1536, filesystem: "xfs", mountPoints: ["/srv", "/mnt"],
        sets: 3,
        poolDataPercent: 12.345, poolMetadataPercent: nil)

    @Test func create() async {
        let run = await Run("create /srv")
        #expect(
            run.output == """
                Set          nightly
                Id           1a2b3c4d5e6f708192a3b4c5d6e7f809
                State        complete
                Consistency  filesystem
                Reason       every mounted file system was frozen
                Created      2026-11-23T05:17:11Z
                Expires      2026-11-30T05:17:11Z
                Tags         app=größe, env=prod
                Frozen for   41.2 ms
                Members      2

                VOLUME    SNAPSHOT                              SIZE  FILE SYSTEM  TAKEN AT   FROZEN
                vg0/data  vg0/data_sp_20261123T051711Z_1a2b   10 GiB  ext4         /srv      12.5 ms
                vg0/log   vg0/log_sp_20261123T051711Z_1a2b   1.5 GiB  -            -               -

                """)
        #expect(run.messages.isEmpty)
    }

    @Test(arguments: ["create /srv --output json", "create /srv --output=json -q"])
    func createForPrograms(_ line: String) async {
        let run = await Run(line)
        #expect(run.output == #"{"schemaVersion":1,"set":\#(Self.sampleJSON)}"# + "\n")
        #expect(run.messages.isEmpty)
    }

    @Test(arguments: [
        "create /srv -q", "show nightly -q", "mount nightly -q", "freeze / --for 5s -q", "thaw -q", "recover -q",
    ])
    func quiet(_ line: String) async {
        let run = await Run(line, Answers(mounts: [Self.mount], paths: ["/srv"]))
        #expect(run.output.isEmpty && run.messages.isEmpty)
    }

    @Test func show() async {
        let run = await Run("show nightly", Answers(mounts: [Self.mount]))
        #expect(run.output.hasPrefix("Set          nightly\n"))
        #expect(
            run.output.hasSuffix(
                """
                vg0/data  vg0/data_sp_20261123T051711Z_1a2b   10 GiB  ext4         /srv      12.5 ms  \
                /run/stillpoint/mnt/nightly/srv
                vg0/log   vg0/log_sp_20261123T051711Z_1a2b   1.5 GiB  -            -               -  -

                """))
    }

    @Test func showForPrograms() async {
        let run = await Run("show nightly --output json", Answers(mounts: [Self.mount]))
        #expect(
            run.output == #"""
                {"schemaVersion":1,"set":\#(Self.sampleJSON),"mounts":[{"volume":"vg0/data","device":"/dev/vg0/data_sp",\#
                "path":"/run/stillpoint/mnt/nightly/srv","filesystem":"ext4","options":"ro,nosuid"}]}

                """#)
    }

    @Test func list() async {
        let run = await Run("list", Answers(sets: [.bare, .sample]))
        #expect(
            run.output == """
                NAME     CREATED               STATE     CONSISTENCY  MEMBERS   FROZEN  EXPIRES
                bare     1970-01-01T00:00:00Z  degraded  -             0 of 2        -  never
                nightly  2026-11-23T05:17:11Z  complete  filesystem         2  41.2 ms  2026-11-30T05:17:11Z

                """)
    }

    @Test func listOfNames() async {
        #expect(await Run("list -q", Answers(sets: [.bare, .sample])).output == "bare\nnightly\n")
    }

    @Test func listForPrograms() async {
        let run = await Run("list --output json", Answers(sets: [.bare]))
        #expect(
            run.output == """
                {"schemaVersion":1,"sets":[{"id":"ffffffffffffffffffffffffffffffff","name":"bare","state":"degraded",\
                "consistency":null,"consistencyReason":null,"createdAt":"1970-01-01T00:00:00Z","expiresAt":null,\
                "hold":null,"purgeAt":null,"policy":null,"schedule":null,"tags":{},"frozenWindowMs":null,"preScript":null,"postScript":null,"hooks":[],"memberCount":2,"members":[]}]}

                """)
    }

    @Test func anEmptyListSaysSoOnATerminalOnly() async {
        let none = Answers(sets: [])
        #expect(await Run("list", none).output.isEmpty)
        #expect(await Run("list --output json", none).output == #"{"schemaVersion":1,"sets":[]}"# + "\n")
        let terminal = await Run("list", none, output: RecordingSink(columns: 80))
        #expect(terminal.output == "No sets yet: 'stillpoint create TARGET...' takes one.\n")
        #expect(await Run("list -q", none, output: RecordingSink(columns: 80)).output.isEmpty)
    }

    @Test func volumes() async {
        let run = await Run("volumes", Answers(volumes: [Self.volume]))
        #expect(
            run.output == """
                VOLUME       SIZE  FILE SYSTEM  MOUNTED ON  SETS  POOL       DATA  METADATA
                vg0/data  1.5 KiB  xfs          /srv, /mnt     3  vg0/pool  12.3%         -

                """)
        #expect(await Run("volumes -q", Answers(volumes: [Self.volume])).output == "vg0/data\n")
    }

    @Test func volumesForPrograms() async {
        let run = await Run("volumes --output json", Answers(volumes: [Self.volume]))
        #expect(
            run.output == """
                {"schemaVersion":1,"volumes":[{"volume":"vg0/data","pool":"vg0/pool","sizeBytes":1536,"filesystem":"xfs",\
                "mountPoints":["/srv","/mnt"],"sets":3,"poolDataPercent":12.345,"poolMetadataPercent":null}]}

                """)
    }

    @Test func mount() async {
        let answers = Answers(mounts: [Self.mount])
        #expect(
            await Run("mount nightly", answers).output == """
                VOLUME    MOUNTED ON                       FILE SYSTEM  OPTIONS
                vg0/data  /run/stillpoint/mnt/nightly/srv  ext4         ro,nosuid

                """)
        #expect(
            await Run("mount nightly --output json", answers).output == """
                {"schemaVersion":1,"mounts":[{"volume":"vg0/data","device":"/dev/vg0/data_sp",\
                "path":"/run/stillpoint/mnt/nightly/srv","filesystem":"ext4","options":"ro,nosuid"}]}

                """)
    }

    @Test(arguments: [
        ("unmount nightly", "unmounted /a\nunmounted /b\n"),
        ("unmount nightly --output json", #"{"schemaVersion":1,"unmounted":["/a","/b"]}"# + "\n"),
        ("thaw", "thawed /a\nthawed /b\n"),
        ("thaw --output json", #"{"schemaVersion":1,"thawed":["/a","/b"]}"# + "\n"),
        ("freeze /srv --for 30s", "frozen /srv\nThey thaw in 30 s, or by 'stillpoint thaw'.\n"),
        ("freeze /srv --for 30s --output json", #"{"schemaVersion":1,"frozen":["/srv"],"thawsInSeconds":30}"# + "\n"),
        ("recover", ""),
        (
            "recover --output json",
            #"{"schemaVersion":1,"thawed":[],"resumed":[],"removed":[],"released":[],"failures":[]}"# + "\n"
        ),
    ])
    func paths(_ line: String, _ output: String) async {
        let run = await Run(line, Answers(paths: ["/a", "/b"]))
        #expect(run.output == output)
        #expect(run.exitCode == .done)
        #expect(run.messages.isEmpty)
    }

    @Test func recover() async {
        let recovery = RecoveryReport(
            thawed: ["/srv"], resumed: ["vg0/log"], removed: ["vg0/x"], failures: ["vg0/y is suspended"])
        let run = await Run("recover", Answers(recovery: recovery))
        #expect(run.exitCode == .stillFrozen)
        #expect(run.output == "thawed /srv\nresumed vg0/log\nremoved vg0/x\n")
        #expect(
            run.messages == """
                stillpoint: error: not everything could be recovered: a person must look
                  not undone: vg0/y is suspended

                """)
        let json = await Run("recover --output json", Answers(recovery: recovery))
        #expect(
            json.output == """
                {"schemaVersion":1,"thawed":["/srv"],"resumed":["vg0/log"],"removed":["vg0/x"],"released":[],\
                "failures":["vg0/y is suspended"],"error":{"code":"stillFrozen",\
                "message":"not everything could be recovered: a person must look","causes":[],\
                "undoFailures":["vg0/y is suspended"],"exitCode":7}}

                """)
    }

    @Test func aTagCannotDriveTheTerminal() async {
        var set = SnapshotSet.sample
        set.tags = ["k": "\u{1B}[2J"]
        #expect(await Run("show nightly", Answers(sets: [set])).output.contains("Tags         k=\\u{1B}[2J\n"))
        let json = await Run("show nightly --output json", Answers(sets: [set]))
        #expect(json.output.contains(#""tags":{"k":"\u001b[2J"}"#))
    }
}
