package import Fleet
package import InferenceKeyWire

/// What was last seen of one worker.
package struct WorkerSight: Sendable, Hashable {
    package var inventory: Inventory
    package var lastHeard: Timestamp
    /// False once it has not been heard of for too long.
    package var isLive: Bool

    package init(inventory: Inventory, lastHeard: Timestamp, isLive: Bool) {
        self.inventory = inventory
        self.lastHeard = lastHeard
        self.isLive = isLive
    }
}

/// What is observed of the fleet; in memory only.
package struct FleetSight: Sendable, Hashable {
    package var workers: [WorkerID: WorkerSight] = [:]
    package var replicas: [ReplicaID: ReplicaObservation] = [:]
    /// Draining replicas that every live Gateway has left and that have nothing in flight.
    package var drained: Set<ReplicaID> = []
    /// Replicas of intent `stop` that their worker, working on an assignment without them, no longer has.
    package var gone: Set<ReplicaID> = []

    package init() {}

    /// The state of a replica as far as it is known.
    package func state(of replica: ReplicaRecord) -> ReplicaState {
        guard workers[replica.workerID]?.isLive == true else { return .lost }
        return replicas[replica.id]?.state ?? .placed
    }
}
