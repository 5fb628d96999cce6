/// The block devices of the host and how they stand on one another, at one moment. A value: see ``read(root:)``.
public struct BlockTopology: Sendable, Equatable {
    /// Every device that has a number, by it.
    public private(set) var devices: [DeviceNumber: BlockDevice]
    /// The devices of each mounted btrfs by its UUID (/sys/fs/btrfs/UUID/devices).
    public var btrfs: [String: [DeviceNumber]]
    /// Files that the kernel swaps to (/proc/swaps).
    public var swapFiles: [String]

    /// Links of `below` and `above` are completed: each implies the other.
    public init(_ devices: [BlockDevice], btrfs: [String: [DeviceNumber]] = [:], swapFiles: [String] = []) {
        self.devices = [:]
        self.btrfs = btrfs
        self.swapFiles = swapFiles
        for device in devices { self.devices[device.number] = device }
        for device in devices {
            for lower in device.below { self.devices[lower]?.above.append(device.number) }
            for upper in device.above { self.devices[upper]?.below.append(device.number) }
        }
        for number in self.devices.keys {
            self.devices[number]?.above.sortAndUnite()
            self.devices[number]?.below.sortAndUnite()
        }
    }

    /// `nil` for a device that is not there.
    public subscript(number: DeviceNumber) -> BlockDevice? { devices[number] }

    /// By device-mapper's UUID.
    public func device(mapperUUID: String) -> BlockDevice? {
        devices.values.first { $0.mapperUUID == mapperUUID }
    }

    /// By `dm-3`, `sda1`, as in a directory of sysfs.
    public func device(named kernelName: String) -> BlockDevice? {
        devices.values.first { $0.kernelName == kernelName }
    }

    /// By `/dev/mapper/NAME` or `/dev/KERNELNAME`; other links below /dev are for ``DeviceNumber/init(ofNode:)``.
    public func device(node: String) -> BlockDevice? {
        devices.values.first { $0.node == node || "/dev/" + $0.kernelName == node }
    }

    /// Every device above, of all layers, without the device itself; sorted by number.
    public func allAbove(_ number: DeviceNumber) -> [DeviceNumber] { reach(number) { $0.above } }

    /// Every device below, of all layers, without the device itself; sorted by number.
    public func allBelow(_ number: DeviceNumber) -> [DeviceNumber] { reach(number) { $0.below } }

    /// A device that nothing stands on, and what is between it and the device that was asked for.
    public struct Stack: Sendable, Hashable {
        /// The device at the end.
        public var top: BlockDevice
        /// From just above the device that was asked for to `top`; empty when that device is the top itself.
        public var layers: [BlockDevice]
    }

    /// The ends of everything that stands on a device, each once, sorted by number; the device itself when nothing
    /// does. Here file systems, swap and raw databases are. Of several ways to one top (RAID over two partitions) the
    /// first is given.
    public func topDevices(of number: DeviceNumber) -> [Stack] {
        guard let start = devices[number] else { return [] }
        var stacks: [Stack] = []
        var seen: Set<DeviceNumber> = [number]
        func climb(_ device: BlockDevice, _ layers: [BlockDevice]) {
            let above = device.above.compactMap { devices[$0] }
            if above.isEmpty { stacks.append(Stack(top: device, layers: layers)) }
            for upper in above where seen.insert(upper.number).inserted { climb(upper, layers + [upper]) }
        }
        climb(start, [])
        return stacks.sorted { $0.top.number < $1.top.number }
    }

    mutating func markSwap(_ number: DeviceNumber) { devices[number]?.isSwap = true }

    private func reach(_ number: DeviceNumber, _ next: (BlockDevice) -> [DeviceNumber]) -> [DeviceNumber] {
        var seen: Set<DeviceNumber> = [number]
        var open = [number]
        while let current = open.popLast() {
            guard let device = devices[current] else { continue }
            for neighbour in next(device) where seen.insert(neighbour).inserted { open.append(neighbour) }
        }
        seen.remove(number)
        return seen.sorted()
    }
}

extension [DeviceNumber] {
    mutating func sortAndUnite() { self = Set(self).sorted() }
}
