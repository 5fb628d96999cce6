import ArgumentParser

/// How results are printed.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// For people.
    case table
    /// For programs.
    case json

    /// What a command line asks for that could not be parsed.
    static func asked(in arguments: [String]) -> OutputFormat {
        let options = arguments.prefix { $0 != "--" }
        let asksForJSON =
            options.contains("--output=json")
            || zip(options, options.dropFirst()).contains { $0 == "--output" && $1 == "json" }
        return asksForJSON ? .json : .table
    }
}

/// The options of every command.
struct ConsoleOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How to print the result.", valueName: "format"))
    var output: OutputFormat = .table

    @Flag(name: .shortAndLong, help: "Print errors only; list and volumes print names.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "Print each step as it is taken.")
    var verbose = false

    init() {}

    init(output: OutputFormat) {
        self.output = output
        // What no command line was read for has no values of its own.
        (quiet, verbose) = (false, false)
    }

    func validate() throws {
        if quiet && verbose { throw ValidationError("--quiet and --verbose exclude each other.") }
    }
}
