/// Paths to which one thing was done.
struct PathsReport: Report {
    /// `unmounted`, `thawed`: the word that people read and the key that programs read.
    let done: String
    let paths: [String]

    var json: [(key: String, value: JSON)] { [(done, .strings(paths))] }

    var table: [Line] { paths.map { .text("\(done) \($0)") } }

    var emptyHint: String { "Nothing was \(done)." }
}
