package import Fleet
import InferenceKeyWire
import Synchronization

/// What the agent sees now, written by many, read by the one who posts it.
package final class ObservationBoard: Sendable {
    private struct State {
        var generation = 0
        var inventory: Inventory?
        var replicas: [ReplicaID: ReplicaObservation] = [:]
    }

    private let state = Mutex(State())
    /// Rung after each change, and for a post without one.
    package let bell = Bell()

    package init() {}

    package func set(_ replica: ReplicaObservation) {
        change { state in
            guard state.replicas[replica.replicaID] != replica else { return false }
            state.replicas[replica.replicaID] = replica
            return true
        }
    }

    package func set(_ inventory: Inventory) {
        change { state in
            guard state.inventory != inventory else { return false }
            state.inventory = inventory
            return true
        }
    }

    package func set(generation: Int) {
        change { state in
            guard state.generation != generation else { return false }
            state.generation = generation
            return true
        }
    }

    package func remove(_ replica: ReplicaID) { change { $0.replicas.removeValue(forKey: replica) != nil } }

    /// Forgets replicas that were reported stopped: the observation that said so has arrived.
    package func forgetStopped(in observation: WorkerObservation, keeping assigned: Set<ReplicaID>) {
        state.withLock { state in
            for replica in observation.replicas where replica.state == .stopped && !assigned.contains(replica.replicaID)
            {
                if state.replicas[replica.replicaID] == replica { state.replicas[replica.replicaID] = nil }
            }
        }
    }

    /// Nil until the machine was looked at: half an inventory would place work wrongly.
    package var observation: WorkerObservation? {
        state.withLock { state in
            state.inventory.map { inventory in
                WorkerObservation(
                    generation: state.generation, inventory: inventory,
                    replicas: state.replicas.values.sorted { $0.replicaID < $1.replicaID })
            }
        }
    }

    package var inventory: Inventory? { state.withLock { $0.inventory } }

    private func change(_ body: (inout State) -> Bool) {
        if state.withLock({ body(&$0) }) { bell.ring() }
    }
}
