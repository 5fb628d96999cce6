import BlockID
import SetModel
import SystemPackage

/// btrfs knows its file systems by UUID: one that has the UUID of the mounted origin is refused, or worse, taken for
/// it.
enum BtrfsIdentity {
    /// Gives the btrfs on a throw-away clone a UUID of its own. The blocks keep the old one (the feature
    /// METADATA_UUID, kernel 5.0), so only the superblocks are written.
    static func renew(_ device: String, of member: Member) async throws {
        let before = try BlockProbe.identify(FilePath(device))?.uuid
        do {
            try await SystemProgram("btrfstune", package: "btrfs-progs").run(["-f", "-m", device])
        } catch {
            let problem = error.asSnapshotError
            throw SnapshotError(
                problem.code, "the btrfs of \(member.volume) cannot get a UUID of its own: \(problem.message)",
                causes: problem.causes)
        }
        guard let after = try BlockProbe.identify(FilePath(device))?.uuid, after != before else {
            throw SnapshotError(.failed, "the btrfs of \(member.volume) kept its UUID; see `dmesg`")
        }
    }
}
