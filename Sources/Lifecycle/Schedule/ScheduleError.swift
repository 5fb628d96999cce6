/// What is wrong with a schedule as it was written.
public struct ScheduleError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The field or key, such as `day-of-month` or `time zone`.
    public var field: String
    /// What was written there.
    public var value: String
    /// What is wrong with it, and what may stand there.
    public var message: String

    /// An error about one field.
    public init(_ field: String, _ value: some StringProtocol, _ message: String) {
        self.field = field
        self.value = String(value)
        self.message = message
    }

    /// `FIELD "VALUE": MESSAGE`
    public var description: String { "\(field) \(value.debugDescription): \(message)" }
}
