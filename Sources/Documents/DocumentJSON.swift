import Foundation
public import SystemPackage

extension DocumentNode {
    /// Reads a file that has to be JSON: YAML, of which JSON is a part, says more than whoever exports JSON means.
    public init(parsingJSON text: String, file: FilePath) throws(DocumentError) {
        do { _ = try JSONSerialization.jsonObject(with: Data(text.utf8)) } catch {
            let reason = (error as NSError).userInfo["NSDebugDescription"] as? String
            throw DocumentError(file, "it is no JSON: \(reason ?? "\(error)")")
        }
        try self.init(parsing: text, file: file)
    }
}
