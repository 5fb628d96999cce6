import Catalog
import SetModel
import SystemPackage
import Testing

@Suite(.enabled(if: CatalogKind.attributes.scratchParent != nil, CatalogKind.needsAttributes))
struct ConversionTests {
    @Test(arguments: CatalogKind.allCases, 1...4 as ClosedRange<UInt64>)
    func losslessThereAndBack(_ kind: CatalogKind, _ seed: UInt64) throws {
        try withScratch(.attributes) { directory in
            var numbers = Seeded(seed)
            let other = Self.other(than: kind)
            let source = try kind.open(directory: directory, for: .writing)
            for _ in 0..<20 { try source.save(.random(using: &numbers, upTo: .oneBlock)) }
            let sets = try source.all()

            #expect(try kind.convert(to: other, directory: directory) == sets.map(\.name))
            #expect(byID(try other.open(directory: directory, for: .reading).all()) == byID(sets))
            #expect(try source.all() == sets)

            // What is only there is gone afterwards, what has changed is as before.
            for set in sets.prefix(5) { try source.remove(id: set.id) }
            var changed = sets[5]
            changed.tags = ["changed": "here only"]
            try source.save(changed)
            try source.save(.sample())
            #expect(try other.convert(to: kind, directory: directory).count == sets.count)
            #expect(byID(try kind.open(directory: directory, for: .reading).all()) == byID(sets))
        }
    }

    @Test(arguments: CatalogKind.allCases)
    func nothingToConvert(_ kind: CatalogKind) throws {
        try withScratch(.attributes) { directory in
            let other = Self.other(than: kind)
            try other.open(directory: directory, for: .writing).save(.sample())
            #expect(try kind.convert(to: other, directory: directory) == [])
            #expect(try other.open(directory: directory, for: .reading).all().isEmpty)
        }
    }

    @Test(arguments: CatalogKind.allCases)
    func theOldOneIsMovedAside(_ kind: CatalogKind) throws {
        try withScratch(.attributes) { directory in
            #expect(try kind.moveAside(in: directory) == nil)
            let name = kind == .sqlite ? "catalog.sqlite" : "sets"
            for (digit, place) in [("a", "\(name).old"), ("b", "\(name).old-2")] as [(Character, String)] {
                // Open, as by a command that only reads.
                let store = try kind.open(directory: directory, for: .writing)
                try store.save(.sample(digit))
                #expect(try kind.moveAside(in: directory) == directory.appending(place))
                #expect(exists(directory.appending(place)))
                #expect(try kind.open(directory: directory, for: .reading).all().isEmpty)
                if kind == .sqlite {
                    for suffix in ["-wal", "-shm"] { #expect(!exists(directory.appending(name + suffix))) }
                }
            }
        }
    }

    @Test(arguments: CatalogKind.allCases)
    func toItself(_ kind: CatalogKind) throws {
        try withScratch(.attributes) { directory in
            try kind.open(directory: directory, for: .writing).save(.sample())
            let error = #expect(throws: SnapshotError.self) { try kind.convert(to: kind, directory: directory) }
            #expect(error?.code == .refused)
            #expect(try kind.open(directory: directory, for: .reading).all() == [.sample()])
        }
    }

    @Test func whatDoesNotFitStaysWhereItIs() throws {
        try withScratch(.attributes) { directory in
            var set = SnapshotSet.sample()
            set.policy = String(repeating: "x", count: 70_000)
            try CatalogKind.sqlite.open(directory: directory, for: .writing).save(set)
            let error = #expect(throws: SnapshotError.self) {
                try CatalogKind.sqlite.convert(to: .attributes, directory: directory)
            }
            #expect(error?.message.contains("user.stillpoint.policy") == true)
            #expect(try CatalogKind.sqlite.open(directory: directory, for: .reading).all() == [set])
            #expect(try CatalogKind.attributes.open(directory: directory, for: .reading).all().isEmpty)
        }
    }

    @Test func aDamagedTargetStaysAsItIs() throws {
        try withScratch(.attributes) { directory in
            try CatalogKind.sqlite.open(directory: directory, for: .writing).save(.sample("b"))
            try CatalogKind.attributes.open(directory: directory, for: .writing).save(.sample())
            try rewrite(directory.file()) { $0["user.stillpoint.state"] = Array("asleep".utf8) }
            let error = #expect(throws: SnapshotError.self) {
                try CatalogKind.sqlite.convert(to: .attributes, directory: directory)
            }
            #expect(error?.message.contains(directory.file().string) == true)
            #expect(exists(directory.file()))
            #expect(!exists(directory.file("b")))
        }
    }

    private static func other(than kind: CatalogKind) -> CatalogKind { kind == .sqlite ? .attributes : .sqlite }

    private func byID(_ sets: [SnapshotSet]) -> [String: SnapshotSet] {
        Dictionary(sets.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }
}
