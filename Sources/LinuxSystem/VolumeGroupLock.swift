public import SystemPackage
public struct VolumeGroupLock: ~Copyable {
    public static func acquire(directory: String, volumeGroup: String, auxiliary: Bool) throws(Errno) -> VolumeGroupLock { VolumeGroupLock() }
}
