import Synchronization

/// What all loops share of one replica.
final class ReplicaStanding: Sendable {
    let load = ReplicaLoad()
    let health = HealthGate()
    /// Its place in the workload's ``PrefixIndex``; nil when there were too many for one.
    let place: Int?
    /// How often the policy `prefix` chose it, and the blocks it was given to read that it did not know: the older ones
    /// count less and less.
    private let chosen = Atomic<Int>(0)
    private let placed = Atomic<Int>(0)

    init(place: Int? = nil) { self.place = place }

    var choices: Int { chosen.load(ordering: .relaxed) }
    var placedBlocks: Int { placed.load(ordering: .relaxed) }

    func choose(unknownBlocks: Int) {
        chosen.wrappingAdd(1, ordering: .relaxed)
        if unknownBlocks > 0 { placed.wrappingAdd(unknownBlocks, ordering: .relaxed) }
    }

    /// Lets what was counted before count a quarter less.
    func fade() {
        chosen.wrappingSubtract((choices + 3) / 4, ordering: .relaxed)
        placed.wrappingSubtract((placedBlocks + 3) / 4, ordering: .relaxed)
    }
}
