import Simulation
import Testing

/// A host and the targets of a set on it.
struct Layout: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let targets: [String]
    private let build: @Sendable (SimulatedHost) -> Void

    init(_ name: String, _ targets: [String], _ build: @escaping @Sendable (SimulatedHost) -> Void) {
        testDescription = name
        self.targets = targets
        self.build = build
    }

    func host() -> SimulatedHost {
        let host = SimulatedHost()
        build(host)
        return host
    }

    static let one = Layout("1 volume", ["/a"]) { host in
        host.addPool("vg0/pool")
        host.addMounted("vg0/a", "vg0/pool", "ext4", "/a")
        host.startWriter(on: ["vg0/a"])
    }

    static let two = Layout("2 volumes in one pool", ["/a", "/b"]) { host in
        host.addPool("vg0/pool")
        host.addMounted("vg0/a", "vg0/pool", "ext4", "/a")
        host.addMounted("vg0/b", "vg0/pool", "xfs", "/b")
        host.startWriter(on: ["vg0/a", "vg0/b"], seed: 2)
    }

    static let three = Layout("3 volumes in 3 groups", ["vg1/b", "/c", "/a"]) { host in
        for (group, name) in [("vg0", "a"), ("vg1", "b"), ("vg2", "c")] {
            host.addPool("\(group)/pool")
            host.addMounted("\(group)/\(name)", "\(group)/pool", "ext4", "/\(name)")
        }
        host.startWriter(on: ["vg1/b", "vg0/a", "vg2/c"], seed: 3)
    }

    static let six = Layout("6 volumes in 3 pools of 2 groups", ["vg0", "/d", "/e", "/f"]) { host in
        for pool in ["vg0/fast", "vg0/slow", "vg1/pool"] { host.addPool(pool) }
        for (name, pool) in [("a", "vg0/fast"), ("b", "vg0/slow"), ("c", "vg0/fast")] {
            host.addMounted("vg0/\(name)", pool, "xfs", "/\(name)")
        }
        for name in ["d", "e", "f"] { host.addMounted("vg1/\(name)", "vg1/pool", "ext4", "/\(name)") }
        host.startWriter(on: ["vg0/a", "vg1/d", "vg0/b", "vg1/e", "vg0/c", "vg1/f"], seed: 6)
    }

    static let raw = Layout("a raw volume in use, and a file system", ["vg0/raw", "/a"]) { host in
        host.addPool("vg0/pool")
        host.addVolume("vg0/raw", pool: "vg0/pool", isOpen: true)
        host.addMounted("vg0/a", "vg0/pool", "ext4", "/a")
        host.startWriter(on: ["vg0/raw", "vg0/a"], seed: 4)
    }

    static let inactive = Layout("an inactive volume, and a mounted one", ["vg0/rest", "/a"]) { host in
        host.addPool("vg0/pool")
        host.addVolume("vg0/rest", pool: "vg0/pool", isActive: false)
        host.addMounted("vg0/a", "vg0/pool", "ext4", "/a")
        host.startWriter(on: ["vg0/a"], seed: 5)
    }

    static let btrfs = Layout("btrfs on 2 volumes, and ext4", ["/many", "/a"]) { host in
        host.addPool("vg0/pool")
        host.addPool("vg1/pool")
        host.addVolume("vg0/m1", pool: "vg0/pool")
        host.addVolume("vg1/m2", pool: "vg1/pool")
        host.mount("btrfs", on: ["vg0/m1", "vg1/m2"], at: "/many")
        host.addMounted("vg0/a", "vg0/pool", "ext4", "/a")
        host.startWriter(on: ["vg0/m1", "vg0/a", "vg1/m2"], seed: 7)
    }

    static let vfat = Layout("a file system that cannot be frozen, and one that can", ["/boot", "/a"]) { host in
        host.addPool("vg0/pool")
        host.addMounted("vg0/boot", "vg0/pool", "vfat", "/boot")
        host.addMounted("vg0/a", "vg0/pool", "ext4", "/a")
        host.startWriter(on: ["vg0/a", "vg0/boot"], seed: 8)
    }

    static let partitions = Layout("a volume with a file system and a raw partition", ["/a", "/b"]) { host in
        host.addPool("vg0/pool")
        host.addMounted("vg0/a", "vg0/pool", "ext4", "/a")
        host.addMounted("vg0/b", "vg0/pool", "xfs", "/b")
        host.useRaw("vg0/b", through: "/dev/mapper/vg0-b2")
        host.startWriter(on: ["vg0/a", "vg0/b"], seed: 9)
    }

    static let image = Layout("a file system that is never written", ["/image"]) { host in
        host.addPool("vg0/pool")
        host.addMounted("vg0/image", "vg0/pool", "squashfs", "/image")
    }

    static let all = [one, two, three, six, raw, inactive, btrfs, vfat, partitions]
}

extension SimulatedHost {
    func addMounted(_ name: String, _ pool: String, _ kind: String, _ mountPoint: String) {
        addVolume(name, pool: pool)
        mount(kind, on: [name], at: mountPoint)
    }
}
