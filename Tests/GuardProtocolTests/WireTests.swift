import Testing

@testable import GuardProtocol

@Suite struct WireTests {
    @Test("requests come back as they were sent", arguments: 0..<400)
    func requests(seed: Int) throws {
        var numbers = SeededGenerator(seed: UInt64(seed))
        let request = numbers.request()
        let bytes = request.encoded()
        #expect(bytes.allSatisfy { (0x20...0x7E).contains($0) || $0 == 0x0A })
        #expect(try GuardRequest(decoding: bytes) == request)
    }

    @Test("plans come back as they were sent", arguments: 0..<400)
    func plans(seed: Int) throws {
        var numbers = SeededGenerator(seed: UInt64(seed) &+ 10_000)
        let request = GuardRequest.arm(numbers.plan())
        #expect(try GuardRequest(decoding: request.encoded()) == request)
    }

    @Test("replies come back as they were sent", arguments: 0..<400)
    func replies(seed: Int) throws {
        var numbers = SeededGenerator(seed: UInt64(seed) &+ 20_000)
        let reply = numbers.reply()
        #expect(try GuardReply(decoding: reply.encoded()) == reply)
    }

    @Test(
        "every text is one word, and comes back",
        arguments: ["", " ", "%", "%%", "a", "/srv/ü x", "\n", "\r\n", "%41", "e\u{301}", "\u{1F600}"])
    func words(text: String) throws {
        let word = Wire.escape(text)
        #expect(!word.isEmpty)
        #expect(!word.utf8.contains { $0 == 0x20 || $0 == 0x0A })
        let back = try #require(Wire.unescape(word[...]))
        // Not as Unicode would have it: byte for byte.
        #expect(Array(back.utf8) == Array(text.utf8))
    }

    @Test(
        "requests of another shape",
        arguments: [
            "", " ", "\n", "\n\n", "%", "frob", "ARM", "probe", "probe x", "probe -1", "probe 1", "probe 1 2",
            "probe 1 0 0",
            "probe 18446744073709551616 0", "lock", "lock 1 2", "unlock 1", "release now", "dismiss 0", "hold",
            "cut", "cut 1", "cut x 0", "cut 1 x", "cut 1 2", "cut 1 0 -1", "cut 1 0 4294967296", "cut 1 0 5 x",
            "arm", "arm\n", "arm x\nrun a /b /w", "arm\nrun", "arm\nrun a", "arm\nrun % /b /w", "arm\nrun a % /w",
            "arm\nrun a /b", "arm\nrun a /b %",
            "arm\nrun a /b /w c", "arm\nfs /x 1 1:2 0 /x", "arm\nrun a /b /w\nfs", "arm\nrun a /b /w\nfs /x 1 1:2 0",
            "arm\nrun a /b /w\nfs /x 1 1:2 0 /x y", "arm\nrun a /b /w\nfs /x 1 1-2 0 /x",
            "arm\nrun a /b /w\nfs /x y 1:2 0 /x",
            "arm\nrun a /b /w\nvolume 1:2 u 0 1:1 3 1", "arm\nrun a /b /w\nfs /x 1 1:2 0 /x\nvolume 1:2 u 1 1:1 3 1",
            "arm\nrun a /b /w\nvolume 1:2 u -1 1:1", "arm\nrun a /b /w\nvolume 1:2 u -1 1:1 -3 1",
            "arm\nrun a /b /w\nvolume 1:2 u -1 1:1 3",
            "arm\nrun a /b /w\nvolume 1 u -1 1:1 3 1", "arm\nrun a /b /w\nlock /l vg", "arm\nrun a /b /w\nlock /l vg x",
            "arm\nrun a /b /w\nlock /l vg 1 2", "arm\nrun a /b /w\nextra", "arm\nrun a%4 /b /w", "arm\nrun a%GG /b /w",
            "arm\nrun a%C3 /b /w",
        ])
    func malformedRequests(text: String) {
        #expect(throws: WireError.self) { try GuardRequest(decoding: Array(text.utf8)) }
    }

    @Test(
        "replies of another shape",
        arguments: [
            "", " ", "yes", "OK", "failed", "failed 1", "failed 1 x", "failed 0 x 0", "failed 99 x 0", "failed x x 0",
            "failed 1 x y", "stuck", "stuck 1 %4 0", "failed 1 x 2147483648",
        ])
    func malformedReplies(text: String) {
        #expect(throws: WireError.self) { try GuardReply(decoding: Array(text.utf8)) }
    }

    @Test(
        "bytes that are no text",
        arguments: [[0xFF], [0x6F, 0x6B, 0xC3], [0xED, 0xA0, 0x80], [0xC0, 0x80]] as [[UInt8]])
    func notText(bytes: [UInt8]) {
        #expect(throws: WireError.self) { try GuardRequest(decoding: bytes) }
        #expect(throws: WireError.self) { try GuardReply(decoding: bytes) }
    }

    @Test("whatever arrives, it is understood or refused", arguments: 0..<200)
    func noise(seed: Int) {
        var numbers = SeededGenerator(seed: UInt64(seed) &+ 30_000)
        // A true message, with some bytes changed, cut off or doubled.
        var bytes = Bool.random(using: &numbers) ? numbers.request().encoded() : numbers.reply().encoded()
        for _ in 0..<Int.random(in: 1...4, using: &numbers) where !bytes.isEmpty {
            let index = Int.random(in: 0..<bytes.count, using: &numbers)
            switch Int.random(in: 0..<3, using: &numbers) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &numbers)
            case 1: bytes.removeSubrange(index...)
            default: bytes.insert(bytes[index], at: index)
            }
        }
        if let request = try? GuardRequest(decoding: bytes) {
            #expect((try? GuardRequest(decoding: request.encoded())) == request)
        }
        if let reply = try? GuardReply(decoding: bytes) {
            #expect((try? GuardReply(decoding: reply.encoded())) == reply)
        }
    }

    @Test("a failure in words, for every step")
    func failures() {
        for step in GuardFailure.Step.allCases {
            let text = GuardFailure(step, "/srv").description
            #expect(!text.isEmpty)
            #expect(GuardFailure(step, "/srv", 5).description == text + ": Input/output error")
        }
    }
}
