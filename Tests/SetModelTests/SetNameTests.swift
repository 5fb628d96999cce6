import FoundationEssentials
import Testing

@testable import SetModel

@Suite struct SetNameTests {
    @Test(
        "names that a set may have",
        arguments: [
            "a", "Z", "0", "_", "+", "nightly", "20261123T051711Z-0123", "a.b_c-d+e", "a-", "a.", "_-.", "+a",
            String(repeating: "n", count: 64),
        ])
    func valid(name: String) { #expect(SetName.isValid(name)) }

    @Test(
        "names that it may not have",
        arguments: [
            "", ".", "..", ".a", "-", "-a", "--name", " ", "a b", " a", "a ", "a/b", "/", "vg0/a", "a\n", "a\0",
            "\u{7f}",
            "ä", "a\u{301}", "日本", "a=b", "a,b", "@a", "a:b", "a*", "a;b", "$(a)", "a'b", "a\"b", "a\\b", "~", "%",
            String(repeating: "n", count: 65), String(repeating: "ä", count: 33),
        ])
    func invalid(name: String) { #expect(!SetName.isValid(name)) }

    @Test("an id is what is drawn, and nothing else")
    func ids() {
        for _ in 0..<100 { #expect(SetName.isID(SetName.drawID())) }
        let id = "0123456789abcdef0123456789abcdef"
        #expect(SetName.isID(id))
        for other in ["", String(id.dropLast()), id + "0", id.uppercased(), id.dropLast() + "g", id.dropLast() + "/"] {
            #expect(!SetName.isID(other))
        }
        #expect(!SetName.isID("../../../etc/shadow"))
        #expect(!SetName.isID("0123456789abcdef0123456789abcde\u{301}"))
    }

    @Test("every single byte")
    func bytes() {
        let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+".unicodeScalars)
        for value in UInt8.min...127 {
            let scalar = Unicode.Scalar(value)
            #expect(SetName.isValid("a\(scalar)") == allowed.contains(scalar), "\(value)")
            let first = allowed.contains(scalar) && scalar != "." && scalar != "-"
            #expect(SetName.isValid("\(scalar)a") == first, "\(value)")
        }
    }

    @Test(
        "times: UTC, to the second",
        arguments: [
            (0, "19700101T000000Z"), (1_795_411_031, "20261123T051711Z"), (951_782_400, "20000229T000000Z"),
            (4_107_542_399, "21000228T235959Z"), (253_402_300_799, "99991231T235959Z"),
        ] as [(Double, String)])
    func timestamp(seconds: Double, text: String) {
        #expect(SetName.timestamp(Date(timeIntervalSince1970: seconds)) == text)
        #expect(SetName.timestamp(Date(timeIntervalSince1970: seconds + 0.75)) == text)
    }

    @Test("automatic names are valid, and those of snapshots carry volume, time and set")
    func automatic() {
        let id = "0123456789abcdef0123456789abcdef"
        let date = Date(timeIntervalSince1970: 1_795_411_031)
        let name = SetName.automatic(id: id, at: date)
        #expect(name == "20261123T051711Z-0123")
        #expect(SetName.isValid(name))
        #expect(SetName.snapshot(of: "vg0/data", id: id, at: date) == "vg0/data_sp_20261123T051711Z_0123")
    }
}
