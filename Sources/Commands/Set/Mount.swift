import ArgumentParser
import Snapshots

/// `stillpoint mount SET`
struct MountCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "mount", abstract: "Mount a set's members as one tree.",
        discussion: "Read-only, without suid files, devices and programs, unless asked otherwise.")

    @Argument(help: .set, transform: NameArgument.set)
    var set: String

    @Option(
        help: ArgumentHelp("Where to mount it. (default: /run/stillpoint/mnt/SET)", valueName: "directory"),
        completion: .directory, transform: NameArgument.word)
    var at: String?

    @Flag(help: "Mount throw-away copies that can be written to; the snapshots stay as they are.")
    var writable = false

    @Flag(help: "Let programs, suid files and devices in the set work.")
    var allowPrograms = false

    @Option(
        help: ArgumentHelp("The key for members under LUKS.", valueName: "file"), completion: .file(),
        transform: NameArgument.word)
    var keyFile: String?

    @OptionGroup var console: ConsoleOptions

    func perform(_ invocation: Invocation) async throws -> Outcome {
        let request = MountRequest(
            set: set, at: at.map(invocation.absolute), writable: writable, allowPrograms: allowPrograms,
            keyFile: keyFile.map(invocation.absolute))
        let mounts = try await invocation.service().mount(request, progress: invocation.progress)
        return Outcome(MountsReport(mounts: mounts))
    }
}

/// Mounted members.
struct MountsReport: Report {
    let mounts: [MountedMember]

    var json: [(key: String, value: JSON)] { [("mounts", .array(mounts.map(\.json)))] }

    var table: [Line] {
        guard !mounts.isEmpty else { return [] }
        let columns: [Table.Column] = [
            .init(title: "VOLUME"), .init(title: "MOUNTED ON"), .init(title: "FILE SYSTEM"), .init(title: "OPTIONS"),
        ]
        return [.table(Table(columns, rows: mounts.map { [$0.volume, $0.path, $0.filesystem, $0.options] }))]
    }
}

extension MountedMember {
    var json: JSON {
        .object([
            ("volume", .string(volume)),
            ("device", .string(device)),
            ("path", .string(path)),
            ("filesystem", .string(filesystem)),
            ("options", .string(options)),
        ])
    }
}
