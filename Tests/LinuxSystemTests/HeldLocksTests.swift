import Glibc
import SystemPackage
import Testing

@testable import LinuxSystem

struct HeldLocksTests {
    @Test func onlyWhoHoldsAnExclusiveLockCounts() {
        let table = """
            1: FLOCK  ADVISORY  WRITE 812 fe:0a:5678 0 EOF
            1: -> FLOCK  ADVISORY  WRITE 813 fe:0a:5679 0 EOF
            2: FLOCK  ADVISORY  READ 812 fe:0a:5680 0 EOF
            3: POSIX  ADVISORY  WRITE 812 fe:0a:5681 0 EOF
            4: nonsense
            """
        let device = DeviceNumber(major: 254, minor: 10)
        #expect(HeldLocks.isHeld(device, inode: 5678, in: table))
        for inode in [567, 5679, 5680, 5681] as [UInt64] {
            #expect(!HeldLocks.isHeld(device, inode: inode, in: table))
        }
        #expect(!HeldLocks.isHeld(DeviceNumber(major: 254, minor: 16), inode: 5678, in: table))
    }

    @Test(.enabled(if: access("/dev/shm", W_OK) == 0, "needs /dev/shm"))
    func aLockIsSeenAndStaysFree() throws {
        let scratch = try Scratch(in: "/dev/shm")
        let path = scratch.path.appending("lock")
        do {
            let lock = try FileLock.tryExclusive(path)
            #expect(HeldLocks.isHeld(path))
            // It lives until here.
            _ = consume lock
        }
        #expect(!HeldLocks.isHeld(path))
    }

    @Test func whatIsNotThereIsNotHeld() throws {
        let scratch = try Scratch()
        #expect(!HeldLocks.isHeld(scratch.path.appending("lock")))
        #expect(try SmallFiles.names(scratch.path).isEmpty)
    }
}
