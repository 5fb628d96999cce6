import Glibc
import LinuxSystem
import SetModel
import SystemPackage

/// Mounts opened members as one tree.
struct TreeBuilder {
    let set: SnapshotSet
    let members: [OpenMember]
    /// The directory that the tree covers.
    let place: FilePath
    /// Where members go that have no place in a tree whose `/` is a member; made when it is needed.
    let overflow: FilePath
    let request: MountRequest
    let progress: any Progress

    func build() throws {
        let tree = MountTree(members.map(\.member))
        let base = try layTree(at: place)
        StopPoint.reach("mount.tree")
        let coversAll = tree.places.contains { $0.parent == nil && $0.path.isEmpty }
        var spare: DetachedMount? = coversAll ? nil : base
        var roots: [DetachedMount?] = []
        var homeless = tree.others
        for (index, each) in tree.places.enumerated() {
            do {
                let directory = try directory(for: each, base, roots)
                defer { try? directory.close() }
                roots.append(try mount(each.member, at: directory, path: place.appending(each.path.components)))
            } catch let error as MissingPlace {
                progress.step("\(error); it is mounted below by-volume")
                homeless.append(each.member)
                roots.append(nil)
            }
            if index == 0 { StopPoint.reach("mount.attached") }
        }
        for member in homeless {
            let root = try spare ?? layOverflow()
            spare = root
            let path = MountTree.byVolume(member)
            let directory = try DirectoryBelow.make(path, in: root.root)
            defer { try? directory.close() }
            _ = try mount(member, at: directory, path: path)
        }
        // Nobody shall put a file where it goes with the tree.
        try base.makeReadOnly()
        try spare?.makeReadOnly()
    }

    /// A place that the snapshot around it does not have, or has as something else than a directory.
    private struct MissingPlace: Error, CustomStringConvertible {
        let description: String
    }

    private func directory(
        for place: MountTree.Place, _ base: DetachedMount, _ roots: [DetachedMount?]
    ) throws -> FileDescriptor {
        guard let parent = place.parent else { return try DirectoryBelow.make(place.path, in: base.root) }
        let point = place.member.mountPoint ?? ""
        guard let root = roots[parent] else {
            throw MissingPlace(description: "\(point) lies in a member that is not in its own place")
        }
        do throws(SystemCallError) {
            // What is in a snapshot was written by whoever could write there: a link in it must lead nowhere.
            return try DirectoryBelow.open(place.path, in: root.root)
        } catch {
            switch error.errno {
            case .noSuchFileOrDirectory: throw MissingPlace(description: "\(point) is not in the snapshot around it")
            case .notDirectory, .tooManySymbolicLinkLevels, Errno(rawValue: EXDEV):
                throw MissingPlace(description: "\(point) is no directory in the snapshot around it")
            default: throw error
            }
        }
    }

    private func mount(_ member: Member, at directory: FileDescriptor, path: FilePath) throws -> DetachedMount {
        guard let open = members.first(where: { $0.member.index == member.index }) else {
            throw SnapshotError(.failed, "member \(member.index) was not opened")
        }
        let how = MountOptions(type: open.type, writable: request.writable, allowPrograms: request.allowPrograms)
        do {
            let mount = try DetachedMount.make(
                type: open.type, source: open.device, options: how.options, attributes: how.attributes)
            try mount.attach(at: directory, path: path)
            return mount
        } catch {
            throw SnapshotError(.failed, "\(member.volume) of set \(set.name) cannot be mounted", cause: error)
        }
    }

    /// The directories between members, in memory: nothing is written where the tree is put.
    private func layTree(at path: FilePath) throws -> DetachedMount {
        let directory = try DirectoryBelow.open(path)
        defer { try? directory.close() }
        let tree = try DetachedMount.make(
            type: "tmpfs", source: SetPresence.treePrefix + set.id, options: ["mode=0755", "size=4m"],
            attributes: [.noSUID, .noDev, .noExec])
        try tree.attach(at: directory, path: path)
        return tree
    }

    private func layOverflow() throws -> DetachedMount {
        try SafeDirectory.ensure(overflow)
        return try layTree(at: overflow)
    }
}
