import Glibc
import SystemPackage
import Testing

@testable import GuardProtocol

@Suite struct PacketSocketTests {
    @Test("packets keep their bounds and their order, both ways")
    func packets() throws {
        let (one, other) = try PacketSocket.pair()
        let sent = (1...5).map { [UInt8](repeating: UInt8($0), count: $0 * 100) }
        for packet in sent { try one.send(packet) }
        for packet in sent { #expect(try other.receive(timeoutMs: 0) == packet) }
        try other.send([1])
        #expect(try one.receive() == [1])
    }

    @Test("nothing there")
    func timeout() throws {
        let (one, other) = try PacketSocket.pair()
        #expect(throws: Errno.timedOut) { try one.receive(timeoutMs: 0) }
        try other.send([7])
        #expect(try one.receive(timeoutMs: 0) == [7])
        #expect(throws: Errno.timedOut) { try one.receive(timeoutMs: 0) }
    }

    @Test("the end of the other side comes after what it sent")
    func end() throws {
        let (one, other) = try ends()
        try other.value?.send([1, 2])
        other.value = nil
        #expect(try one.receive() == [1, 2])
        #expect(try one.receive() == nil)
        #expect(try one.receive() == nil)
        #expect(throws: Errno.brokenPipe) { try one.send([3]) }
    }

    @Test("an end that was left with something unread is an end, too")
    func unread() throws {
        let (one, other) = try ends()
        try one.send([1])
        other.value = nil
        #expect(try one.receive() == nil)
    }

    @Test("a plan of hundreds of members fits")
    func long() throws {
        let (one, other) = try PacketSocket.pair()
        let request = GuardRequest.arm(.sample(fileSystems: 500, volumes: 500))
        let bytes = request.encoded()
        try one.send(bytes)
        let packet = try #require(try other.receive(timeoutMs: 0))
        #expect(try GuardRequest(decoding: packet) == request)
    }

    @Test("a program that is started does not inherit it")
    func closesOnExec() throws {
        let (one, other) = try PacketSocket.pair()
        for end in [one, other] { #expect(fcntl(end.descriptor.rawValue, F_GETFD) & FD_CLOEXEC != 0) }
    }

    /// An end that can be let go of.
    private final class Box {
        var value: PacketSocket?
        init(_ value: PacketSocket) { self.value = value }
    }

    private func ends() throws -> (PacketSocket, Box) {
        let (one, other) = try PacketSocket.pair()
        return (one, Box(other))
    }
}
