import Foundation
public import SystemPackage

extension DocumentNode {
    /// Reads a file that has to be JSON: YAML, of which JSON is a part, says more than whoever exports JSON means.
    public init(parsingJSON text: String, file: FilePath) throws(DocumentError) {
        let escapes = SurrogateEscapes(in: text)
        if let line = escapes.unpairedLine {
            throw DocumentError(
                file, line: line, "it is no JSON: from \\ud800 to \\udfff are halves of characters, and one is alone")
        }
        do { _ = try JSONSerialization.jsonObject(with: Data(text.utf8)) } catch {
            let reason = (error as NSError).userInfo["NSDebugDescription"] as? String
            throw DocumentError(file, "it is no JSON: \(reason ?? "\(error)")")
        }
        try self.init(parsing: escapes.joined, file: file)
    }
}
