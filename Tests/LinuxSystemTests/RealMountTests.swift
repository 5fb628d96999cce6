import Glibc
import SystemPackage
import Testing

@testable import LinuxSystem

/// Loop devices, mounts and namespaces of the host that runs the tests.
@Suite(.enabled(if: Host.hasLoops, Comment(rawValue: Host.needsLoops)), .serialized)
struct RealMountTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// An ext4 in an image file on a loop device.
    private func ext4(_ name: String = "image", megabytes: Int = 16, in directory: FilePath? = nil) throws -> String {
        let image = try scratch.image(name, megabytes: megabytes, in: directory)
        try Child.run("mkfs.ext4", "-q", "-F", image.string)
        return try scratch.loop(image)
    }

    private func mount(at path: FilePath) throws -> NamespacedMount {
        NamespacedMount(try #require(try MountTable.read().last { $0.mountPoint == path }))
    }

    /// A process that another test is just starting has our descriptors until its exec.
    private func unmountWhenFree(_ path: FilePath) throws {
        for _ in 0..<500 {
            do {
                try MountCalls.unmount(path)
                return
            } catch {
                guard error.errno == .resourceBusy else { throw error }
            }
            usleep(10_000)
        }
        try MountCalls.unmount(path)
    }

    @Test func oneSuperblockWithItsMountsInTwoNamespaces() throws {
        let node = try ext4()
        let number = try #require(DeviceNumber(ofNode: FilePath(node)))
        let (first, second, hidden) = (
            try scratch.directory("first"), try scratch.directory("second b"), try scratch.directory("hidden")
        )
        try scratch.mount(node, at: first, type: "ext4")
        try scratch.mount(first.string, at: second, type: nil, flags: .bind)
        let child = try Child(
            "unshare",
            [
                "--mount", "--propagation", "private", "sh", "-c",
                "mount --bind '\(first)' '\(hidden)' && umount '\(first)' && echo ready && read line",
            ])
        #expect(try child.line() == "ready")

        let survey = try FileSystemSurvey.read()
        let found = survey.fileSystems(on: [number])
        #expect(found.map(\.device) == [number])
        // Services with a namespace of their own get the first two as well, unless they are private.
        let mounts = try #require(found.first).mounts.filter { $0.process == nil || $0.process == child.process }
        #expect(mounts.map(\.process) == [nil, nil, child.process, child.process])
        #expect(mounts.map(\.mount.mountPoint) == [first, second, second, hidden])
        #expect(Set(mounts.map(\.mount.id)).count == 4)
        for mount in mounts {
            let descriptor = try OpenMount.open(mount)
            var status = stat()
            #expect(fstat(descriptor.rawValue, &status) == 0)
            #expect(DeviceNumber(UInt64(status.st_dev)) == number)
            try descriptor.close()
        }

        // Only the other namespace has it now.
        try unmountWhenFree(second)
        try unmountWhenFree(first)
        let remaining = try FileSystemSurvey.read().fileSystems(on: [number])
        #expect(remaining.first?.mounts.map(\.mount.mountPoint) == [second, hidden])
        #expect(remaining.first?.mounts.map(\.process) == [child.process, child.process])
        #expect(try ExclusiveUse.isClaimed(FilePath(node)))
        let descriptor = try OpenMount.open(anyOf: try #require(remaining.first).mounts)
        try descriptor.close()

        child.finish()
        #expect(try FileSystemSurvey.read().fileSystems(on: [number]).isEmpty)
        #expect(try !ExclusiveUse.isClaimed(FilePath(node)))
    }

    @Test func refusesAMountThatIsCovered() throws {
        let node = try ext4()
        let target = try scratch.directory("m")
        try scratch.mount(node, at: target, type: "ext4")
        let below = try mount(at: target)
        try OpenMount.open(below).close()
        try scratch.mount("none", at: target, type: "tmpfs")
        let above = try mount(at: target)
        #expect(
            throws: OpenMountError.otherMount(path: target, wanted: below.mount.id, found: above.mount.id)
        ) { try OpenMount.open(below) }
        try OpenMount.open(above).close()
        // Another mount of the same superblock is still good.
        let second = try scratch.directory("second")
        try MountCalls.unmount(target)
        try scratch.mount(target.string, at: second, type: nil, flags: .bind)
        try scratch.mount("none", at: target, type: "tmpfs")
        try OpenMount.open(anyOf: [below, try mount(at: second)]).close()
    }

    @Test func refusesAMountThatIsGoneAndALinkInItsPlace() throws {
        let node = try ext4()
        let target = try scratch.directory("m")
        try scratch.mount(node, at: target, type: "ext4")
        let gone = try mount(at: target)
        let other = try scratch.directory("other")
        try scratch.mount(target.string, at: other, type: nil, flags: .bind)
        try MountCalls.unmount(target)
        #expect(throws: OpenMountError.self) { try OpenMount.open(gone) }
        // The same file system through another mount is not that mount either.
        try Child.run("rmdir", target.string)
        try Child.run("ln", "-s", other.string, target.string)
        #expect(throws: OpenMountError.self) { try OpenMount.open(gone) }
        try Child.run("rm", target.string)
        #expect(throws: OpenMountError.call(SystemCallError("open", target, .noSuchFileOrDirectory))) {
            try OpenMount.open(gone)
        }
    }

    @Test func refusesAnotherFileSystemUnderTheSameMountID() throws {
        let target = try scratch.directory("m")
        try scratch.mount(try ext4(), at: target, type: "ext4")
        var stale = try mount(at: target)
        let device = stale.mount.device
        stale.mount.device = "253:99"
        #expect(throws: OpenMountError.otherDevice(path: target, wanted: "253:99", found: device)) {
            try OpenMount.open(stale)
        }
    }

    @Test func opensABindMountedFileAndRefusesAPipe() throws {
        let target = try scratch.directory("m")
        try scratch.mount(try ext4(), at: target, type: "ext4")
        let file = try scratch.file("m/file", "x")
        let (fileTarget, pipeTarget) = (try scratch.file("onto file"), try scratch.file("onto pipe"))
        try scratch.mount(file.string, at: fileTarget, type: nil, flags: .bind)
        try OpenMount.open(try mount(at: fileTarget)).close()
        try Child.run("mkfifo", target.appending("pipe").string)
        try scratch.mount(target.appending("pipe").string, at: pipeTarget, type: nil, flags: .bind)
        // Would block for ever if it were opened.
        #expect(throws: OpenMountError.notOpenable(path: pipeTarget)) {
            try OpenMount.open(try mount(at: pipeTarget))
        }
    }

    @Test func findsTheInnermostMountOfAPath() throws {
        let outer = try scratch.directory("outer")
        try scratch.mount(try ext4("one"), at: outer, type: "ext4")
        let inner = try scratch.directory("outer/inner")
        try scratch.mount(try ext4("two"), at: inner, type: "ext4")
        _ = try scratch.directory("outer/inner/deep")
        _ = try scratch.directory("outer/innermost")
        try scratch.file("outer/inner/file")
        try Child.run("ln", "-s", inner.appending("deep").string, outer.appending("link").string)
        for path in ["outer/inner", "outer/inner/deep", "outer/inner/file", "outer/link", "outer/inner/../inner"] {
            #expect(try OpenMount.containing(scratch.path.pushing(FilePath(path))).mountPoint == inner)
        }
        for path in ["outer", "outer/innermost", "outer/inner/.."] {
            #expect(try OpenMount.containing(scratch.path.pushing(FilePath(path))).mountPoint == outer)
        }
        let missing = outer.appending("missing")
        #expect(throws: OpenMountError.call(SystemCallError("open", missing, .noSuchFileOrDirectory))) {
            try OpenMount.containing(missing)
        }
    }

    @Test func anImageFileOnAMountedFileSystemGivesLevels() throws {
        let bottom = try ext4("bottom", megabytes: 64)
        let number = try #require(DeviceNumber(ofNode: FilePath(bottom)))
        let lower = try scratch.directory("lower")
        try scratch.mount(bottom, at: lower, type: "ext4")
        let upperNode = try ext4("upper image", in: lower)
        let upper = try scratch.directory("upper")
        try scratch.mount(upperNode, at: upper, type: "ext4")
        let found = try FileSystemSurvey.read().fileSystems(on: [number])
        #expect(found.map(\.device) == [try #require(DeviceNumber(ofNode: FilePath(upperNode))), number])
        #expect(found.map(\.level) == [1, 0])
        #expect(found.map(\.standsOn) == [[number], []])
        #expect(found.map(\.volumes) == [[number], [number]])
    }

    @Test(.enabled(if: Host.hasLoops && Host.has("btrfs"), "needs btrfs in the kernel and mkfs.btrfs"))
    func btrfsOnTwoDevices() throws {
        let nodes = try ["x", "y"].map { try scratch.loop(try scratch.image($0, megabytes: 128)) }
        let numbers = nodes.compactMap { DeviceNumber(ofNode: FilePath($0)) }
        try Child.run("mkfs.btrfs", "-q", nodes[0], nodes[1])
        try Child.run("btrfs", "device", "scan", nodes[0], nodes[1])
        let target = try scratch.directory("m")
        try scratch.mount(nodes[0], at: target, type: "btrfs")
        try Child.run("btrfs", "subvolume", "create", target.appending("sub").string)
        let sub = try scratch.directory("sub")
        try scratch.mount(nodes[1], at: sub, type: "btrfs", options: "subvol=sub")
        // An image in the subvolume, whose st_dev is no mount's.
        let inside = try ext4("image", in: sub)
        let upper = try scratch.directory("upper")
        try scratch.mount(inside, at: upper, type: "ext4")

        let survey = try FileSystemSurvey.read()
        let both = survey.fileSystems(on: Set(numbers))
        #expect(both.map(\.type) == ["ext4", "btrfs"])
        #expect(both.map(\.level) == [1, 0])
        #expect(both.last?.devices == numbers.sorted())
        #expect(both.last?.mounts.filter { $0.process == nil }.map(\.mount.mountPoint) == [target, sub])
        #expect(both.last?.outside == [])
        let one = survey.fileSystems(on: [numbers[0]])
        #expect(one.last?.outside == [numbers[1]])
        let mount = try #require(both.last).mounts
        #expect(survey.btrfsUUIDs[mount[0].mount.device] != nil)
        for each in mount { try OpenMount.open(each).close() }
        #expect(try OpenMount.containing(sub).mountPoint == sub)
    }

    @Test(.enabled(if: Host.hasLoops && Host.has("xfs"), "needs xfs in the kernel and mkfs.xfs"))
    func xfsWithAnExternalLog() throws {
        let data = try scratch.loop(try scratch.image("data", megabytes: 400))
        let log = try scratch.loop(try scratch.image("log", megabytes: 100))
        try Child.run("mkfs.xfs", "-q", "-l", "logdev=\(log)", data)
        let target = try scratch.directory("m")
        try scratch.mount(data, at: target, type: "xfs", options: "logdev=\(log)")
        let number = try #require(DeviceNumber(ofNode: FilePath(log)))
        let found = try FileSystemSurvey.read().fileSystems(on: [number])
        #expect(found.map(\.type) == ["xfs"])
        #expect(found.first?.volumes == [number])
        #expect(found.first?.outside == [try #require(DeviceNumber(ofNode: FilePath(data)))])
    }

    @Test func mountErrorsNameEverything() throws {
        let target = try scratch.directory("m")
        let empty = try scratch.loop(try scratch.image("empty", megabytes: 1))
        let error = #expect(throws: MountCallError.self) {
            try MountCalls.mount(empty, at: target, type: "ext4", flags: [.readOnly, .noSUID], options: "noload")
        }
        #expect(error?.description == "mount \(empty) at \(target) (ext4, ro,nosuid, noload): Invalid argument")
        #expect(
            throws: MountCallError(
                source: nil, target: target, type: nil, flags: [], options: "", errno: .invalidArgument)
        ) {
            try MountCalls.unmount(target)
        }
    }

    @Test func flagsAndOptionsArrive() throws {
        let target = try scratch.directory("m")
        try scratch.mount(
            "none", at: target, type: "tmpfs", flags: [.readOnly, .noSUID, .noDev, .noExec], options: "size=1m")
        let mount = try mount(at: target).mount
        #expect(mount.isReadOnly)
        #expect(Set(mount.options.split(separator: ",")).isSuperset(of: ["ro", "nosuid", "nodev", "noexec"]))
        #expect(mount.superOption("size") == "1024k")
    }

    @Test func aBindMountCanBeRestricted() throws {
        let (source, target) = (try scratch.directory("a"), try scratch.directory("b"))
        try scratch.mount(source.string, at: target, type: nil, flags: [.bind, .readOnly, .noExec])
        let options = Set(try mount(at: target).mount.options.split(separator: ","))
        #expect(options.isSuperset(of: ["ro", "noexec"]))
    }

    @Test func unmountDoesNotFollowALink() throws {
        let target = try scratch.directory("m")
        try scratch.mount("none", at: target, type: "tmpfs")
        let link = scratch.path.appending("link")
        try Child.run("ln", "-s", target.string, link.string)
        #expect(throws: MountCallError.self) { try MountCalls.unmount(link) }
        _ = try mount(at: target)
    }

    @Test func aDetachedMountInUseStaysClaimed() throws {
        let node = try ext4()
        let target = try scratch.directory("m")
        try scratch.mount(node, at: target, type: "ext4")
        let held = try OpenMount.open(try mount(at: target))
        #expect(throws: MountCallError.self) { try MountCalls.unmount(target) }
        try MountCalls.unmount(target, detach: true)
        #expect(try MountTable.read().allSatisfy { $0.mountPoint != target })
        #expect(try ExclusiveUse.isClaimed(FilePath(node)))
        #expect(throws: (any Error).self) { try OpenMount.containing(FilePath("/proc/self/fd/\(held.rawValue)")) }
        try held.close()
    }
}
