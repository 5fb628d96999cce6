import Glibc
public import LinuxSystem
public import SystemPackage

/// systemd's journal, in its native protocol: `journalctl -t stillpoint`, `journalctl STILLPOINT_POLICY=db`.
///
/// It is for whoever looks there: the log has everything whether or not the journal takes it.
public struct JournalSocket: Sendable {
    private let path: FilePath

    public init(path: FilePath = "/run/systemd/journal/socket") { self.path = path }

    /// Sends an event, and does not wait for a journal that is busy.
    ///
    /// - Returns: false when there is no journal, or it takes nothing now.
    @discardableResult
    public func send(_ event: Event) throws(SystemCallError) -> Bool {
        let text = try? event.json()
        do {
            return try send(Self.message(event, text).bytes)
        } catch let error where error.errno == .messageTooLong && text != nil {
            // A set of thousands of members: the log has it whole.
            return try send(Self.message(event, nil).bytes)
        }
    }

    static func message(_ event: Event, _ json: [UInt8]?) -> JournalMessage {
        var message = JournalMessage()
        message.add("MESSAGE", event.detail.sentence)
        message.add("PRIORITY", "\(event.detail.priority)")
        message.add("SYSLOG_IDENTIFIER", Event.source)
        message.add("STILLPOINT_TYPE", event.detail.type.rawValue)
        message.add("STILLPOINT_SET", event.detail.setName)
        message.add("STILLPOINT_SET_ID", event.detail.setId)
        message.add("STILLPOINT_POLICY", event.detail.policyId)
        if let json { message.add("STILLPOINT_EVENT", json) }
        return message
    }

    /// There is no journal, or it is busy.
    private static func isHarmless(_ error: Errno) -> Bool {
        error == .noSuchFileOrDirectory || error == .connectionRefused || error == .resourceTemporarilyUnavailable
            || error == .noBufferSpace
    }

    private func send(_ bytes: [UInt8]) throws(SystemCallError) -> Bool {
        let address = try UnixAddress(path)
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SystemCallError("socket", path, Errno(rawValue: errno)) }
        defer { close(descriptor) }
        while true {
            let count = address.with { pointer, length in
                sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT), pointer, length)
            }
            if count >= 0 { return true }
            let error = Errno(rawValue: errno)
            if error == .interrupted { continue }
            guard Self.isHarmless(error) else { throw SystemCallError("sendto", path, error) }
            return false
        }
    }
}
