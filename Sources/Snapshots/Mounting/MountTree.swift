import SetModel
import SystemPackage

/// Where the members of a set go in its tree. Pure.
struct MountTree: Equatable {
    /// One member's place.
    struct Place: Equatable {
        var member: Member
        /// The place in which this one lies; `nil` when it is the tree's own directory.
        var parent: Int?
        /// From the root of the parent to the mount point; empty for `/`.
        var path: FilePath
    }

    /// Parents before what lies in them.
    private(set) var places: [Place] = []
    /// Members that no path leads to: without a mount point, or with one that another member has.
    private(set) var others: [Member] = []

    init(_ members: [Member]) {
        var points: [FilePath] = []
        let placed = members.compactMap { member in Self.mountPoint(of: member).map { (member, $0) } }
        others = members.filter { Self.mountPoint(of: $0) == nil }
        for (member, point) in placed.sorted(by: { $0.1.components.count < $1.1.components.count }) {
            guard !points.contains(point) else {
                others.append(member)
                continue
            }
            // The one with the longest path: it is the last that fits, since paths grow.
            let parent = points.lastIndex { point.starts(with: $0) }
            let depth = parent.map { points[$0].components.count } ?? 0
            places.append(
                Place(member: member, parent: parent, path: FilePath(root: nil, point.components.dropFirst(depth))))
            points.append(point)
        }
    }

    /// Below the tree's directory for members without a path.
    static func byVolume(_ member: Member) -> FilePath {
        // A volume's name has no parts that climb; what has is no such name.
        let parts = FilePath(member.volume).components.filter { $0.kind == .regular }
        return FilePath(root: nil, ["by-volume"]).appending(parts)
    }

    /// `nil` for a text that is no absolute path, or one that climbs.
    private static func mountPoint(of member: Member) -> FilePath? {
        guard let text = member.mountPoint else { return nil }
        let path = FilePath(text)
        return path.isAbsolute && path.components.allSatisfy { $0.kind == .regular } ? path : nil
    }
}
