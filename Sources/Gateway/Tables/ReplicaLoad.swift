import Synchronization

/// How many requests are open to one replica, over all loops: what the choice of a replica goes by.
final class ReplicaLoad: Sendable {
    private let open = Atomic<Int>(0)

    var count: Int { open.load(ordering: .relaxed) }

    func enter() { open.wrappingAdd(1, ordering: .relaxed) }

    /// Gives the requests that are still open.
    func leave() -> Int { open.wrappingSubtract(1, ordering: .relaxed).newValue }
}
