import Foundation
import SystemPackage
import Testing

@testable import Events

/// What the journal gets.
struct JournalSocketTests {
    private let scratch: Scratch
    private var path: FilePath { scratch.path.appending("journal") }

    init() throws { scratch = try Scratch() }

    private func event(_ detail: EventDetail) -> Event {
        Event(id: "0123456789abcdef0123456789abcdef", sequence: 1, time: Sample.time, host: "one", detail: detail)
    }

    @Test(arguments: Sample.all)
    func fields(_ detail: EventDetail) throws {
        let receiver = try Receiver(path)
        let event = event(detail)
        #expect(try JournalSocket(path: path).send(event))
        let fields = try #require(try receiver.fields())
        #expect(fields["MESSAGE"] == detail.sentence)
        #expect(fields["PRIORITY"] == "\(detail.priority)")
        #expect(fields["SYSLOG_IDENTIFIER"] == "stillpoint")
        #expect(fields["STILLPOINT_TYPE"] == detail.type.rawValue)
        #expect(fields["STILLPOINT_SET"] == detail.setName)
        #expect(fields["STILLPOINT_SET_ID"] == detail.setId)
        #expect(fields["STILLPOINT_POLICY"] == detail.policyId)
        let json = try #require(fields["STILLPOINT_EVENT"])
        #expect(try Event(json: Array(json.utf8)) == event)
        #expect(try receiver.fields() == nil)
    }

    @Test(arguments: [("a=b", "X=a=b\n"), ("", "X=\n"), ("a\nb", "X\n\u{3}\0\0\0\0\0\0\0a\nb\n")])
    func encoding(_ value: String, _ text: String) {
        var message = JournalMessage()
        message.add("X", value)
        #expect(message.bytes == Array(text.utf8))
    }

    @Test func noJournalIsNoError() throws {
        #expect(try !JournalSocket(path: path).send(event(Sample.missed(1))))
        // One that nobody listens at.
        do { _ = try Receiver(path) }
        #expect(FileManager.default.fileExists(atPath: path.string))
        #expect(try !JournalSocket(path: path).send(event(Sample.missed(1))))
    }

    @Test func whatIsTooLongComesWithoutTheEvent() throws {
        let receiver = try Receiver(path)
        var notice = SetNotice(Sample.nightly)
        notice.members = Array(repeating: notice.members[0], count: 50_000)
        #expect(try JournalSocket(path: path).send(event(.setCreated(notice))))
        let fields = try #require(try receiver.fields())
        #expect(fields["STILLPOINT_SET"] == "nightly")
        #expect(fields["STILLPOINT_EVENT"] == nil)
    }
}

/// The other end of the journal's socket.
private final class Receiver {
    private let descriptor: Int32

    init(_ path: FilePath) throws {
        let kind = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_UNIX, kind, 0)
        self.descriptor = descriptor
        let status = try UnixAddress(path).with { bind(descriptor, $0, $1) }
        try #require(status == 0)
    }

    deinit { close(descriptor) }

    /// Of the next datagram, as journald reads it; `nil` when there is none.
    func fields() throws -> [String: String]? {
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        guard count >= 0 else { return nil }
        var fields: [String: String] = [:]
        var rest = buffer[..<count]
        while !rest.isEmpty {
            let end = try #require(rest.firstIndex(of: 0x0A))
            let line = rest[..<end]
            rest = rest[(end + 1)...]
            if let equals = line.firstIndex(of: 0x3D) {
                fields[text(line[..<equals])] = text(line[(equals + 1)...])
            } else {
                let length = rest.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
                fields[text(line)] = text(rest.dropFirst(8).prefix(length))
                rest = rest.dropFirst(8 + length)
                try #require(rest.first == 0x0A)
                rest = rest.dropFirst()
            }
        }
        return fields
    }

    private func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}
