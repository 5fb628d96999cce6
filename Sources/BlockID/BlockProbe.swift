private import CBlkid
import Glibc
public import SystemPackage

/// What libblkid found on a device.
public struct BlockIdentity: Sendable, Hashable {
    /// What kind of thing uses the device.
    public enum Usage: Sendable, Hashable {
        /// `ext4`, `xfs`, `btrfs`, ...
        case filesystem
        /// `crypto_LUKS`, ...
        case crypto
        /// `linux_raid_member`, `LVM2_member`, ...
        case raid
        /// `swap`, `jbd` (the journal of an ext4), `xfs_external_log`, ...
        case other
    }

    /// libblkid's name: `ext4`, `crypto_LUKS`, `LVM2_member`.
    public var type: String
    /// What kind of thing it is.
    public var usage: Usage
    /// As libblkid writes it: most types with dashes in lower case. `nil` when the type has none, or when it is nil.
    public var uuid: String?
    /// The name that a person gave it; `nil` without one.
    public var label: String?
    /// The version of the format: LUKS `2`, ext4 `1.0`.
    public var version: String?
    /// Of an ext4: the UUID of the external journal, which is the ``uuid`` of a device of type `jbd`.
    public var journalUUID: String?
}

/// Why a device could not be identified.
public enum BlockProbeError: Error, Sendable, Equatable, CustomStringConvertible {
    /// open(2) or read(2).
    case call(FilePath, Errno)
    /// Signatures of several types that exclude each other; the caller must not guess.
    case ambivalent(FilePath)

    /// Names the device and what to do.
    public var description: String {
        switch self {
        case .call(let path, let errno): "cannot identify what is on \(path): \(errno)"
        case .ambivalent(let path):
            "\(path) carries signatures of more than one file system or RAID: look at it with `wipefs \(path)`"
        }
    }
}

/// Asks libblkid's low-level prober, so without its cache and without partition tables.
public enum BlockProbe {
    /// What is on a block device or in an image file; `nil` when nothing is recognised.
    ///
    /// blkid_new_probe_from_filename(3) and blkid_do_safeprobe(3) with the superblocks chain. Reads the device: not
    /// for a suspended one, which would block.
    public static func identify(_ path: FilePath) throws(BlockProbeError) -> BlockIdentity? {
        let descriptor: FileDescriptor
        do {
            descriptor = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
        } catch {
            throw .call(path, error as? Errno ?? .ioError)
        }
        defer { try? descriptor.close() }
        guard let probe = blkid_new_probe() else { throw .call(path, .noMemory) }
        defer { blkid_free_probe(probe) }
        // Of a file that is no device and has no size there is nothing to read: 0 or 1 both mean "nothing there".
        guard blkid_probe_set_device(probe, descriptor.rawValue, 0, 0) == 0 else { throw .call(path, last()) }
        blkid_probe_enable_superblocks(probe, 1)
        blkid_probe_set_superblocks_flags(
            probe,
            CInt(
                BLKID_SUBLKS_TYPE | BLKID_SUBLKS_USAGE | BLKID_SUBLKS_UUID | BLKID_SUBLKS_LABEL | BLKID_SUBLKS_VERSION))
        switch blkid_do_safeprobe(probe) {
        case 0: break
        case 1: return nil
        case -2: throw .ambivalent(path)
        default: throw .call(path, last())
        }
        guard let type = value(probe, "TYPE") else { return nil }
        return BlockIdentity(
            type: type, usage: usage(value(probe, "USAGE")), uuid: value(probe, "UUID"), label: value(probe, "LABEL"),
            version: value(probe, "VERSION"), journalUUID: value(probe, "EXT_JOURNAL"))
    }

    /// libblkid leaves errno as the system call that failed set it.
    private static func last() -> Errno { Errno(rawValue: errno == 0 ? EIO : errno) }

    private static func usage(_ name: String?) -> BlockIdentity.Usage {
        switch name {
        case "filesystem": .filesystem
        case "crypto": .crypto
        case "raid": .raid
        default: .other
        }
    }

    /// `nil` for a value that is not there or empty.
    private static func value(_ probe: blkid_probe, _ name: String) -> String? {
        var text: UnsafePointer<CChar>?
        guard blkid_probe_lookup_value(probe, name, &text, nil) == 0, let text, text[0] != 0 else { return nil }
        return String(cString: text)
    }
}
