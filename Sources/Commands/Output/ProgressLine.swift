import Snapshots
import Synchronization

/// Shows the step that a command is at: with `--verbose` a line for each, else one line that is rewritten, on a
/// terminal only and only for a command that takes longer than a second.
final class ProgressLine: Progress {
    private enum Style { case none, lines, rewritten }

    private struct State {
        var text = ""
        var isShown = false
        var isOver = false
    }

    private static let eraseLine = "\r\u{1B}[K"

    private let style: Style
    private let sink: any TextSink
    private let state = Mutex(State())

    init(_ options: ConsoleOptions, _ sink: any TextSink) {
        self.sink = sink
        style = options.verbose ? .lines : options.quiet || !sink.isTerminal ? .none : .rewritten
    }

    func step(_ text: String) {
        switch style {
        case .none: break
        case .lines: try? sink.write("stillpoint: \(Text.printable(text))\n")
        case .rewritten:
            state.withLock { state in
                state.text = Text.printable(text)
                if state.isShown { draw(state) }
            }
        }
    }

    func warn(_ text: String) {
        state.withLock { state in
            let line = "stillpoint: warning: \(Text.printable(text))\n"
            try? sink.write(state.isShown ? Self.eraseLine + line : line)
            if state.isShown { draw(state) }
        }
    }

    /// The command has taken long enough.
    func appear() {
        guard style == .rewritten else { return }
        state.withLock { state in
            guard !state.isOver else { return }
            state.isShown = true
            draw(state)
        }
    }

    func disappear() {
        state.withLock { state in
            if state.isShown { sink.offer(Self.eraseLine) }
            state = State(isOver: true)
        }
    }

    /// Appears after a second, if `body` takes that long, and is gone when it returns.
    func whileShown<Value: Sendable>(_ body: () async throws -> Value) async rethrows -> Value {
        let timer = Task {
            try await Task.sleep(for: .seconds(1))
            appear()
        }
        defer { disappear() }
        defer { timer.cancel() }
        return try await body()
    }

    private func draw(_ state: State) {
        guard !state.text.isEmpty else { return }
        let room = (sink.columns ?? 80) - 1
        sink.offer(Self.eraseLine + String(state.text.prefix(room)))
    }
}
