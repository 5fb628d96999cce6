import Testing

@testable import DeviceMapper

/// Status lines as the kernel writes them (Documentation/admin-guide/device-mapper/thin-provisioning.rst;
/// drivers/md/dm-thin.c, pool_status).
@Suite struct ThinPoolStatusTests {
    struct Line: Sendable, CustomTestStringConvertible {
        let text: String
        let mode: ThinPoolStatus.Mode
        let needsCheck: Bool

        init(_ text: String, _ mode: ThinPoolStatus.Mode, needsCheck: Bool = false) {
            self.text = text
            self.mode = mode
            self.needsCheck = needsCheck
        }

        var testDescription: String { text }
    }

    @Test(
        "pools that work, or say why not",
        arguments: [
            Line("12 141/4096 340/163840 - rw discard_passdown queue_if_no_space - 1024 ", .readWrite),
            Line("12 141/4096 340/163840 - rw discard_passdown error_if_no_space - 1024", .readWrite),
            Line("12 141/4096 340/163840 7 rw no_discard_passdown queue_if_no_space - 1024", .readWrite),
            Line("12 141/4096 340/163840 - rw ignore_discard queue_if_no_space - 1024", .readWrite),
            // Kernels before 4.x have no last field, and no needs_check.
            Line("12 141/4096 340/163840 - rw discard_passdown queue_if_no_space", .readWrite),
            Line("12 141/4096 340/163840 - ro discard_passdown error_if_no_space - 1024", .readOnly),
            Line(
                "12 141/4096 340/163840 - ro discard_passdown error_if_no_space needs_check 1024", .readOnly,
                needsCheck: true),
            Line(
                "12 141/4096 340/163840 - rw discard_passdown queue_if_no_space needs_check 1024", .readWrite,
                needsCheck: true),
            Line(
                "12 141/4096 340/163840 - out_of_data_space discard_passdown queue_if_no_space - 1024", .outOfDataSpace),
        ])
    func understood(line: Line) throws {
        let status = try #require(ThinPoolStatus(parameters: line.text))
        #expect(status.transactionID == 12)
        #expect(status.usedMetadataBlocks == 141)
        #expect(status.totalMetadataBlocks == 4096)
        #expect(status.usedDataBlocks == 340)
        #expect(status.totalDataBlocks == 163_840)
        #expect(status.mode == line.mode)
        #expect(status.needsCheck == line.needsCheck)
    }

    @Test("great numbers")
    func great() throws {
        let status = try #require(
            ThinPoolStatus(parameters: "18446744073709551615 0/4161600 18446744073709551615/18446744073709551615 - rw"))
        #expect(status.transactionID == .max)
        #expect(status.totalDataBlocks == .max)
    }

    @Test(
        "a pool that failed, or a line of another shape",
        arguments: [
            "Fail", "Error", "", " ", "rw", "12 141/4096 340/163840 -", "12 141/4096 340/163840 - xx - -",
            "x 141/4096 340/163840 - rw", "-1 141/4096 340/163840 - rw", "12 141 340/163840 - rw",
            "12 141/4096/1 340/163840 - rw", "12 141/ 340/163840 - rw", "12 141/x 340/163840 - rw",
            "12 141/4096 - - rw", "18446744073709551616 1/2 3/4 - rw",
        ])
    func refused(line: String) { #expect(ThinPoolStatus(parameters: line) == nil) }
}
