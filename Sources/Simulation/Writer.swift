/// Writes 1, 2, 3, ... to several volumes in their order, each number to all of them before the next one.
///
/// So at any instant the volumes hold `n1 >= n2 >= ... >= n1 - 1`, and snapshots of different instants do not.
struct Writer {
    /// The volumes, in the order in which they are written.
    var order: [String] = []
    private var position = 0
    private var random: UInt64 = 1

    init(order: [String] = [], seed: UInt64 = 1) {
        self.order = order
        random = seed
    }

    /// How many writes there is time for during one step: 0 to 2, the same ones in each run with the same seed.
    fileprivate mutating func pace() -> Int {
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((random >> 33) % 3)
    }

    fileprivate var next: String? { order.isEmpty ? nil : order[position % order.count] }

    fileprivate mutating func advance() { position = (position + 1) % order.count }
}

extension World {
    /// Lets the writer write, until a volume that stands still stops it.
    mutating func write() {
        for _ in 0..<writer.pace() {
            guard let name = writer.next, canChange(name), let volume = volumes[name] else { return }
            pools[volume.pool]?.thins[volume.thinID]?.value += 1
            writer.advance()
        }
    }
}
