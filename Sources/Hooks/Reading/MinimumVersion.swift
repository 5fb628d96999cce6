import Documents
import SetModel

/// `minimumVersion` of a document.
enum MinimumVersion {
    static func check(_ node: DocumentNode) throws(DocumentError) {
        let text = try node.text()
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
        let numbers = parts.compactMap { $0 }
        guard numbers.count == parts.count, numbers.allSatisfy({ $0 >= 0 }) else {
            throw node.error("\(text.debugDescription) is no version: write numbers and points, like 0.2")
        }
        let ours = Version.current.split(separator: ".").compactMap { Int($0) }
        let length = max(numbers.count, ours.count)
        func padded(_ version: [Int]) -> [Int] { version + Array(repeating: 0, count: length - version.count) }
        guard !padded(ours).lexicographicallyPrecedes(padded(numbers)) else {
            throw node.error("it needs Stillpoint \(text) or later; this is \(Version.current)")
        }
    }
}
