import Synchronization

/// How many requests are open to one replica, over all loops: what the choice of a replica goes by.
final class ReplicaLoad: Sendable {
    private let open = Atomic<Int>(0)

    var count: Int { open.load(ordering: .relaxed) }

    func enter() { open.wrappingAdd(1, ordering: .relaxed) }

    /// Enters unless that many are open; whether it did.
    func enter(limit: Int) -> Bool {
        var count = open.load(ordering: .sequentiallyConsistent)
        while count < limit {
            let (exchanged, original) = open.compareExchange(
                expected: count, desired: count + 1, ordering: .sequentiallyConsistent)
            if exchanged { return true }
            count = original
        }
        return false
    }

    /// Gives the requests that are still open. Ordered before a look at who waits for room, so that none is overlooked.
    func leave() -> Int { open.wrappingSubtract(1, ordering: .sequentiallyConsistent).newValue }
}
