/// What one loop writes its numbers into while it chooses a replica, so that a choice allocates nothing.
final class ChoiceScratch {
    /// For each replica that is looked at.
    let loads: UnsafeMutableBufferPointer<Int>
    let places: UnsafeMutableBufferPointer<Int>
    let chosen: UnsafeMutableBufferPointer<Int>
    let placed: UnsafeMutableBufferPointer<Int>
    let depths: UnsafeMutableBufferPointer<Int>
    let idle: UnsafeMutableBufferPointer<UInt64>
    private let homes: UnsafeMutableBufferPointer<UInt64>
    let identities: UnsafeMutableBufferPointer<UInt64>
    /// For each place of the index.
    private let found: PrefixIndex.Match
    private let hashes: UnsafeMutableBufferPointer<UInt64>

    init() {
        loads = .allocate(capacity: ReplicaField.maxReplicas)
        places = .allocate(capacity: ReplicaField.maxReplicas)
        chosen = .allocate(capacity: ReplicaField.maxReplicas)
        placed = .allocate(capacity: ReplicaField.maxReplicas)
        depths = .allocate(capacity: ReplicaField.maxReplicas)
        idle = .allocate(capacity: ReplicaField.maxReplicas)
        homes = .allocate(capacity: ReplicaField.maxReplicas)
        identities = .allocate(capacity: ReplicaField.maxReplicas)
        found = PrefixIndex.Match(
            depths: .allocate(capacity: PrefixIndex.maxReplicas), ages: .allocate(capacity: PrefixIndex.maxReplicas))
        hashes = .allocate(capacity: PrefixHashes.maxBlocks)
        for buffer in [loads, places, chosen, placed, depths, found.depths] { buffer.initialize(repeating: 0) }
        for buffer in [idle, homes, identities, found.ages, hashes] { buffer.initialize(repeating: 0) }
    }

    deinit {
        for buffer in [loads, places, chosen, placed, depths, found.depths] { buffer.deallocate() }
        for buffer in [idle, homes, identities, found.ages, hashes] { buffer.deallocate() }
    }

    /// The place that stands for none.
    static let noPlace = -1
}

// The policy `prefix`: hash and look up, choose as often as needed, note what was chosen.
extension ChoiceScratch {
    /// Finds what the first `count` replicas know of `prompt`; ``places``, ``chosen`` and ``placed`` must be
    /// theirs. Gives the
    /// blocks of the prompt.
    func study(_ prompt: UnsafeRawBufferPointer, _ index: PrefixIndex, count: Int, age: UInt64) -> Int {
        let blocks = PrefixHashes.write(prompt, into: hashes)
        guard blocks > 0 else { return 0 }
        index.look(up: part(blocks), into: found)
        for replica in 0..<count {
            let place = places[replica]
            let depth = place >= 0 ? found.depths[place] : 0
            depths[replica] = depth
            guard depth > 0 else { continue }
            idle[replica] = (age &- found.ages[place]) & PrefixIndex.ageMask
            // A different order of the replicas for each beginning.
            homes[replica] = (hashes[depth - 1] ^ UInt64(place)) &* 0xA076_1D64_78BD_642F
        }
        return blocks
    }

    func reader(_ field: ReplicaField, blocks: Int) -> Int {
        field.reader(
            ReplicaField.Knowledge(
                depths: UnsafeBufferPointer(depths), idle: UnsafeBufferPointer(idle),
                homes: UnsafeBufferPointer(homes), chosen: UnsafeBufferPointer(chosen),
                placed: UnsafeBufferPointer(placed), blocks: blocks))
    }

    /// Notes that the replica reads the prompt that was studied last.
    func note(_ replica: Int, _ index: PrefixIndex, blocks: Int, age: UInt64) {
        let place = places[replica]
        guard place >= 0 else { return }
        // What it has just read need not be noted again.
        let known = depths[replica] > 0 && idle[replica] == 0 ? depths[replica] : 0
        index.note(UnsafeBufferPointer(rebasing: hashes[known..<blocks]), by: place, age: age)
    }

    private func part(_ blocks: Int) -> UnsafeBufferPointer<UInt64> {
        UnsafeBufferPointer(rebasing: hashes[..<blocks])
    }
}
