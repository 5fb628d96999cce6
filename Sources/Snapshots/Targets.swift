import LinuxSystem
import SetModel
import SystemPackage

/// Turns what a person typed into volumes.
struct TargetResolver {
    let survey: Survey
    let storage: any Storage

    /// The volumes of all targets that pass the filter.
    ///
    /// - Parameter orNone: it is no error that none passes.
    /// - Throws: ``SnapshotError`` as ``volumes(_:)``; `refused` when none passes.
    func volumes(_ targets: [String], filter: TargetFilter, orNone: Bool = false) async throws -> [Volume] {
        guard filter != TargetFilter() else { return try await volumes(targets) }
        if filter.isOfPolicy { try await requireMountPoints(targets + filter.all + filter.not) }
        let named = filter.isOfPolicy ? withoutIdleTags(targets) : targets
        var found = try await volumes(named.isEmpty ? Array(filter.all.prefix(1)) : named)
        for target in filter.all {
            let names = Set(try await volumes([target]).map(\.name))
            found.removeAll { !names.contains($0.name) }
        }
        for target in filter.not {
            let names: Set<String>
            do { names = Set(try await volumes([target]).map(\.name)) } catch let error as SnapshotError {
                guard error.code == .usage || error.code == .refused else { throw error }
                continue
            }
            found.removeAll { names.contains($0.name) }
        }
        // By its superblock: in containers other file systems are `/`.
        if filter.excludesRoot, case .fileSystem(let root, _, _) = try await storage.locate("/") {
            found.removeAll { survey.fileSystems(on: $0).contains { $0.device == root } }
        }
        guard orNone || !found.isEmpty else {
            throw SnapshotError(.refused, "every volume of \(list(targets + filter.all)) is excluded")
        }
        return found
    }

    /// The targets but for tags that no volume carries; all, when nothing else is left.
    private func withoutIdleTags(_ targets: [String]) -> [String] {
        let others = targets.filter { !$0.hasPrefix("@") || !carriers(of: $0.dropFirst()).isEmpty }
        return others.isEmpty ? targets : others
    }

    private func requireMountPoints(_ targets: [String]) async throws {
        for target in targets where target.hasPrefix("/") {
            guard case .fileSystem(_, _, let mountPoint) = try await storage.locate(target) else { continue }
            let path = FilePath(target).lexicallyNormalized().string
            guard path == mountPoint else {
                throw SnapshotError(
                    .refused,
                    "nothing is mounted on \(target), which is on \(mountPoint) now; mount it, or name"
                        + " the volume as VG/LV")
            }
        }
    }

    /// The volumes of all targets, in the order in which they are named, each once.
    ///
    /// - Throws: ``SnapshotError``, `usage` for a target that names nothing or is named twice, `refused` for one
    ///   that is not on thin volumes.
    func volumes(_ targets: [String]) async throws -> [Volume] {
        guard !targets.isEmpty else { throw SnapshotError(.usage, "no target: name a mount point, device or VG/LV") }
        var result: [Volume] = []
        var namedBy: [String: String] = [:]
        for target in targets {
            let (found, isGroup) = try await volumes(of: target)
            for volume in found {
                if let earlier = namedBy[volume.name] {
                    // What a tag or a volume group brings along may overlap; two names for one volume are a mistake.
                    guard !isGroup, !earlier.isGroupTarget else { continue }
                    throw SnapshotError(
                        .usage,
                        earlier == target
                            ? "target \(target) is named twice; name it once"
                            : "targets \(earlier) and \(target) are the same volume \(volume.name); name one of them")
                }
                namedBy[volume.name] = target
                result.append(volume)
            }
        }
        return result
    }

    private func volumes(of target: String) async throws -> (volumes: [Volume], isGroup: Bool) {
        if target.hasPrefix("/") { return (try await path(target), false) }
        if target.hasPrefix("@") { return (try tagged(String(target.dropFirst())), true) }
        if target.contains("/") { return ([try named(target)], false) }
        return (try group(target), true)
    }

    private func named(_ name: String) throws -> Volume {
        if let volume = survey.volume(name) { return volume }
        if let kind = survey.others[name] { throw notThin(name, kind) }
        throw SnapshotError(.usage, "there is no logical volume \(name); `stillpoint volumes` lists what there is")
    }

    private func tagged(_ tag: String) throws -> [Volume] {
        let found = carriers(of: tag)
        guard !found.isEmpty else {
            throw SnapshotError(.usage, "no thin volume carries the LVM tag \(tag); add it with `lvchange --addtag`")
        }
        return found
    }

    private func carriers(of tag: some StringProtocol) -> [Volume] {
        survey.volumes.filter { $0.isOriginal && $0.tags.contains(String(tag)) }
    }

    private func group(_ name: String) throws -> [Volume] {
        guard survey.groups.keys.contains(name) else {
            throw SnapshotError(
                .usage, "there is no volume group \(name); a mount point or a device starts with a slash")
        }
        let found = survey.volumes.filter { $0.volumeGroup == name && $0.isOriginal }
        guard !found.isEmpty else { throw SnapshotError(.refused, "volume group \(name) has no thin volume") }
        return found
    }

    private func path(_ path: String) async throws -> [Volume] {
        switch try await storage.locate(path) {
        case .missing(let reason):
            throw SnapshotError(.usage, "target \(path): \(reason)")
        case .fileSystem(let device, let kind, let mountPoint):
            guard let system = survey.fileSystems.first(where: { $0.device == device }) else {
                throw other(device, path)
                    ?? SnapshotError(
                        .refused,
                        "target \(path) is on \(mountPoint), a \(kind) file system that is not on a thin volume")
            }
            guard system.otherDevices.isEmpty else {
                throw SnapshotError(
                    .refused,
                    "target \(path) is on \(system.label), which also stands on \(list(system.otherDevices)), not a thin"
                        + " volume")
            }
            guard !system.volumes.isEmpty else {
                throw SnapshotError(
                    .refused,
                    "target \(path) is on \(system.label), which lies in an image file; name the file's volume")
            }
            return system.volumes.compactMap { survey.volume($0) }
        case .device(let device, let below):
            return try volumes(under: device, below, path)
        }
    }

    /// The uppermost thin volumes on every way down from a device, which must all lead to one.
    private func volumes(
        under device: DeviceNumber, _ below: [DeviceNumber: [DeviceNumber]], _ path: String
    ) throws -> [Volume] {
        var volumes: [Volume] = []
        var others: [DeviceNumber] = []
        var rest = [device]
        var seen: Set<DeviceNumber> = []
        while let next = rest.popLast() {
            guard seen.insert(next).inserted else { continue }
            if let volume = survey.volumes.first(where: { $0.device == next }) {
                volumes.append(volume)
            } else if let lower = below[next], !lower.isEmpty {
                rest += lower
            } else {
                others.append(next)
            }
        }
        guard !volumes.isEmpty else {
            throw other(device, path)
                ?? SnapshotError(.refused, "target \(path) is a block device that is not a thin volume")
        }
        guard others.isEmpty else {
            throw SnapshotError(
                .refused,
                "target \(path) stands on \(list(volumes.map(\.name))) and on device"
                    + " \(list(others.map(\.description))), which is no thin volume")
        }
        return volumes.sorted { $0.name < $1.name }
    }

    /// What a target is on instead of a thin volume, where LVM knows.
    private func other(_ device: DeviceNumber, _ path: String) -> SnapshotError? {
        guard let name = survey.otherDevices[device], let kind = survey.others[name] else { return nil }
        return SnapshotError(.refused, "target \(path) is on \(name), \(kind), not a thin volume")
    }

    private func notThin(_ name: String, _ kind: String) -> SnapshotError {
        SnapshotError(.refused, "\(name) is \(kind), not a thin volume")
    }
}

extension String {
    /// A target that stands for whatever it finds.
    fileprivate var isGroupTarget: Bool { hasPrefix("@") || !contains("/") }
}

extension Volume {
    /// Neither a member of a set nor a clone of one.
    var isOriginal: Bool { setID == nil && cloneOf == nil }
}

/// `a`, `a and b`, `a, b and c`.
func list(_ items: [String]) -> String {
    guard let last = items.last, items.count > 1 else { return items.first ?? "" }
    return items.dropLast().joined(separator: ", ") + " and " + last
}
