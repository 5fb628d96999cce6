import BlockID
import DeviceMapper
import Glibc
import LinuxSystem
import SetModel
import SystemPackage

/// Opens a member under LUKS: with a key file, or with the key of the origin's running mapping.
struct EncryptedMember {
    let storage: LinuxStorage
    let member: Member
    /// The path of the snapshot or of its clone.
    let volume: String
    let identity: BlockIdentity
    let survey: Survey
    let keyFile: String?
    let readOnly: Bool

    /// - Returns: the path of the mapping.
    func open() async throws -> String {
        guard identity.type == "crypto_LUKS" else {
            throw SnapshotError(.refused, "\(member.volume) is encrypted by \(identity.type); only LUKS can be opened")
        }
        guard let number = DeviceNumber(ofNode: FilePath(volume)),
            let id = try BlockTopology.read()[number]?.logicalVolume
        else { throw SnapshotError(.failed, "\(volume) is not there") }
        let name = SetPresence.mappingPrefix + id.volumeUUID.undashed
        if let keyFile {
            try await open(name, keyFile)
        } else {
            try openWithRunningKey(name, number)
        }
        return "/dev/mapper/" + name
    }

    private func open(_ name: String, _ keyFile: String) async throws {
        guard access(keyFile, R_OK) == 0 else {
            throw SnapshotError(.usage, "the key file \(keyFile) cannot be read: \(Errno(rawValue: errno))")
        }
        do {
            try await SystemProgram("cryptsetup", package: "cryptsetup-bin").run(
                ["open", "--type", "luks"] + (readOnly ? ["--readonly"] : [])
                    + ["--batch-mode", "--tries", "1", "--key-file", keyFile, volume, name])
        } catch {
            let problem = error.asSnapshotError
            throw SnapshotError(
                problem.code == .refused ? .refused : .failed,
                "\(member.volume) cannot be opened with \(keyFile): \(problem.message)", causes: problem.causes)
        }
    }

    /// The same mapping as the origin's, over the snapshot. cryptsetup hands out no key without a passphrase; the
    /// kernel shows it in the mapping's table, unless it is in a keyring: with LUKS2 it is.
    private func openWithRunningKey(_ name: String, _ number: DeviceNumber) throws {
        let topology = try BlockTopology.read()
        guard let origin = survey.volume(uuid: member.originUUID)?.device, let device = topology[origin],
            let mapping = device.above.compactMap({ topology[$0] }).first(where: { $0.layer == .crypt })
        else { throw keyNeeded("and no mapping of it is open whose key could be used") }
        // CRYPT-LUKS1-<UUID without dashes>-<name>: the header that the key belongs to.
        let kind = "CRYPT-LUKS\(identity.version ?? "1")-"
        let header = kind + (identity.uuid ?? "-").undashed + "-"
        guard mapping.mapperUUID?.hasPrefix(header) == true, let size = topology[number]?.sizeBytes else {
            throw keyNeeded("and \(mapping.node) was opened with another header")
        }
        do {
            try CryptMapping.create(
                name: name, uuid: header + name, like: mapping.number, over: number, sectors: size / 512,
                readOnly: readOnly)
        } catch let obstacle as CryptMapping.Obstacle {
            throw keyNeeded("and that of \(mapping.node) cannot be used: \(obstacle)")
        } catch {
            throw SnapshotError(
                .failed, "\(member.volume) cannot be opened with the key of \(mapping.node)", cause: error)
        }
    }

    private func keyNeeded(_ reason: String) -> SnapshotError {
        SnapshotError(.refused, "\(member.volume) is encrypted, \(reason); give its key with --key-file")
    }
}
