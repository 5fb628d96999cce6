public import LinuxSystem

/// The status line of a `thin-pool` target (Documentation/admin-guide/device-mapper/thin-provisioning.rst).
public struct ThinPoolStatus: Sendable, Equatable {
    /// What the pool does with writes.
    public enum Mode: String, Sendable { case readWrite = "rw", readOnly = "ro", outOfDataSpace = "out_of_data_space" }

    public var transactionID: UInt64
    /// In metadata blocks of 4096 bytes.
    public var usedMetadataBlocks: UInt64
    public var totalMetadataBlocks: UInt64
    /// In chunks.
    public var usedDataBlocks: UInt64
    public var totalDataBlocks: UInt64
    public var mode: Mode
    public var needsCheck: Bool

    /// - Returns: `nil` for a pool that failed (`Fail`, `Error`) or a line of another shape.
    public init?(parameters: String) {
        let words = parameters.split(separator: " ")
        guard words.count >= 5, let transaction = UInt64(words[0]), let metadata = Self.pair(words[1]),
            let data = Self.pair(words[2])
        else { return nil }
        guard let mode = words.compactMap({ Mode(rawValue: String($0)) }).first else { return nil }
        transactionID = transaction
        (usedMetadataBlocks, totalMetadataBlocks) = metadata
        (usedDataBlocks, totalDataBlocks) = data
        self.mode = mode
        needsCheck = words.contains("needs_check")
    }

    private static func pair(_ word: Substring) -> (UInt64, UInt64)? {
        let parts = word.split(separator: "/")
        guard parts.count == 2, let used = UInt64(parts[0]), let total = UInt64(parts[1]) else { return nil }
        return (used, total)
    }
}

/// The table line of a `thin` target: `<pool dev> <dev id> [<external origin dev>]`.
public struct ThinTable: Sendable, Equatable {
    public var pool: DeviceNumber
    /// The pool's 24-bit id of this device.
    public var thinID: UInt32

    public init?(_ target: DeviceTarget) {
        let words = target.parameters.split(separator: " ")
        guard target.kind == "thin", words.count >= 2, let pool = DeviceNumber(String(words[0])),
            let thinID = UInt32(words[1])
        else { return nil }
        self.pool = pool
        self.thinID = thinID
    }
}
