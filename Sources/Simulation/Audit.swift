import SetModel
import Snapshots

extension World {
    /// What is wrong with the sets that say that they are complete.
    func flaws() -> [String] { foundSets().filter { $0.state == .complete }.flatMap(flaws) }

    func flaws(_ set: SnapshotSet) -> [String] {
        var result: [String] = []
        var cuts: Set<Int> = []
        var written: [String: Int] = [:]
        for member in set.members {
            guard let volume = volumes[member.snapshot], let id = member.thinID, volume.thinID == id,
                let content = pools[volume.pool]?.thins[id]
            else {
                result.append("\(set.name): the pool has no thin device of \(member.snapshot)")
                continue
            }
            if let cut = content.cut {
                cuts.insert(cut)
            } else if content.originWasActive {
                result.append("\(set.name): \(member.snapshot) holds the instant at which it was staged")
            }
            if writer.order.contains(member.volume) { written[member.volume] = content.value }
        }
        if cuts.count > 1 { result.append("\(set.name): its members are of \(cuts.count) cuts") }
        let numbers = writer.order.compactMap { written[$0] }
        let isOrdered = zip(numbers, numbers.dropFirst()).allSatisfy { $0 >= $1 }
        if !isOrdered || (numbers.first ?? 0) - (numbers.last ?? 0) > 1 {
            result.append("\(set.name): its members hold \(numbers), which no instant ever did")
        }
        return result
    }

    /// What a call that returned must not leave.
    func leftBehind() -> [String] {
        var result: [String] = []
        for id in guards.keys.sorted() where guards[id]?.life == .armed && guards[id]?.isManual == false {
            result.append("a guard is still armed")
        }
        for name in standing { result.append("\(name) still stands") }
        for volume in volumes.values where volume.suspendedBy == .deadWorker {
            result.append("\(volume.name) still stands: its worker is dead")
        }
        for group in locks.keys.sorted() { result.append("the lock of \(group) is still held") }
        return result
    }

    /// Everything that lasts but for what the writer writes, a line each.
    func lines() -> [String] {
        var lines: [String] = []
        for volume in volumes.values {
            let set = volume.member.map { " \($0.set.state.rawValue) \($0.member.index) of \($0.set.name)" } ?? ""
            lines.append("volume \(volume.name) \(volume.uuid) \(volume.pool) \(volume.thinID)\(set)")
        }
        for (name, pool) in pools {
            let origins = Set(volumes.values.filter { $0.pool == name && $0.member == nil }.map(\.thinID))
            for (id, content) in pool.thins {
                let text = origins.contains(id) ? "origin" : "\(content.value) of cut \(content.cut ?? 0)"
                lines.append("thin \(name) \(id): \(text)")
            }
            if pool.recorded != pool.transaction { lines.append("pool \(name): transaction ids differ") }
        }
        for item in fileSystems where item.frozenBy != nil { lines.append("frozen \(item.system.label)") }
        for volume in volumes.values where volume.suspendedBy != nil { lines.append("suspended \(volume.name)") }
        return (lines + locks.keys.map { "lock \($0)" }).sorted()
    }
}
