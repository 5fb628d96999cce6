public import Documents
public import Lifecycle
import SetModel

extension DocumentNode {
    /// What stands for a policy or a schedule everywhere: letters, digits and `. _ -`, a letter or digit first.
    public func identifier() throws(DocumentError) -> String {
        let text = try text()
        guard PlainName.isName(text) else {
            throw error(
                "\(text.debugDescription) cannot be an id: letters, digits and . _ -, at most 64, a letter or digit first"
            )
        }
        return text
    }

    /// How long something is kept: `30d`, `6mo`.
    public func retainAge() throws(DocumentError) -> RetainAge {
        let text = try text()
        guard let age = RetainAge(text) else {
            throw error(
                "\(text.debugDescription) is no age: a whole number and one of m, h, d, w, mo, y, at most 100 years")
        }
        return age
    }
}
