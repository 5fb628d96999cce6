import ArgumentParser
import SetModel

/// Names of sets, and the other words of a command line.
enum NameArgument {
    /// A set's name or id.
    @Sendable
    static func set(_ text: String) throws -> String {
        guard SetName.isValid(text) else {
            throw ValidationError(
                """
                A set's name has letters, digits and . _ - + in it, does not start with . or -, and is at most \
                \(SetName.maximumLength) long.
                """)
        }
        return text
    }

    /// A target or a path.
    @Sendable
    static func word(_ text: String) throws -> String {
        guard !text.isEmpty else { throw ValidationError("It is empty.") }
        guard !Text.hasControlCharacter(text) else { throw ValidationError("It contains a control character.") }
        return text
    }
}

extension ArgumentHelp {
    static let targets = ArgumentHelp(
        "A mount point, a device, VG/LV, @TAG (an LVM tag) or a volume group.", valueName: "target")
    static let set = ArgumentHelp("A set's name or id.", valueName: "set")
}

/// A share of a pool.
enum PercentArgument {
    @Sendable
    static func parse(_ text: String) throws -> Double {
        guard let value = Double(text), 0 < value, value <= 100 else {
            throw ValidationError("Write a number above 0 and up to 100.")
        }
        return value
    }
}
