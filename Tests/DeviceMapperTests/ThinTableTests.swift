import LinuxSystem
import SystemPackage
import Testing

@testable import DeviceMapper

/// `<pool dev> <dev id> [<external origin dev>]`
@Suite struct ThinTableTests {
    private func target(_ kind: String, _ parameters: String) -> DeviceTarget {
        DeviceTarget(start: 0, length: 2048, kind: kind, parameters: parameters)
    }

    @Test(
        "thin devices",
        arguments: [("253:2 5", 5), ("253:2 0", 0), ("253:2 16777215", 16_777_215), ("253:2 5 253:9", 5)])
    func understood(parameters: String, thinID: UInt32) throws {
        let table = try #require(ThinTable(target("thin", parameters)))
        #expect(table.pool == DeviceNumber(major: 253, minor: 2))
        #expect(table.thinID == thinID)
    }

    @Test(
        "others",
        arguments: [
            ("thin-pool", "253:0 253:1 128 0 1 skip_block_zeroing"), ("linear", "253:2 5"), ("thin", ""),
            ("thin", "253:2"), ("thin", "253 5"), ("thin", "/dev/dm-2 5"), ("thin", "253:2 x"), ("thin", "253:2 -1"),
            ("thin", "253:2 4294967296"),
        ])
    func refused(kind: String, parameters: String) { #expect(ThinTable(target(kind, parameters)) == nil) }

    @Test("addresses and errors in words")
    func words() {
        #expect(DeviceAddress.number(DeviceNumber(major: 253, minor: 4)).description == "253:4")
        #expect(DeviceAddress.name("vg0-a").description == "vg0-a")
        let error = DeviceMapperError(operation: "suspend", device: "253:4", errno: .resourceBusy, detail: "")
        #expect(error.description == "device-mapper suspend on 253:4: Device or resource busy")
        var detailed = error
        detailed.detail = "why"
        #expect(detailed.description == error.description + " (why)")
    }
}
