import Testing

@testable import LinuxSystem

struct DeviceNumberTests {
    @Test(arguments: [
        (UInt64(0xfd04), "253:4"), (0x0801, "8:1"), (0x27, "0:39"), (0x0010_0300, "3:256"),
        (0x0001_0000_fff1_23ff, "65827:1048575"), (0x0001_2006_7893_4501, "74565:6785281"),
    ])
    func splitsLikeTheCLibrary(device: UInt64, text: String) {
        #expect(DeviceNumber(device).description == text)
        #expect(DeviceNumber(text) == DeviceNumber(device))
    }

    @Test func sysfsTextMayEndInANewline() {
        #expect(DeviceNumber("253:4\n") == DeviceNumber(major: 253, minor: 4))
    }

    @Test(arguments: ["", "8", "8:", ":1", "8:1:2", "8:-1", "+8:1", "a:b", " 8:1", "4294967296:0"])
    func refuses(text: String) { #expect(DeviceNumber(text) == nil) }

    @Test func ordersByMajorThenMinor() {
        let numbers = ["8:16", "253:0", "8:2"].compactMap { DeviceNumber($0) }
        #expect(numbers.sorted().map(\.description) == ["8:2", "8:16", "253:0"])
    }

    @Test func anonymousMeansMajorZero() {
        #expect(DeviceNumber(major: 0, minor: 39).isAnonymous)
        #expect(!DeviceNumber(major: 7, minor: 0).isAnonymous)
    }
}
