package import Fleet
package import InferenceKeyWire

/// One step towards what is desired.
package enum FleetAction: Sendable, Hashable {
    case place(WorkloadID, revision: Int, WorkerID, deviceIDs: [String], deviceShare: Double)
    case drain(ReplicaID)
    /// Leave it out of its worker's assignment; its devices stay taken until the worker has stopped it.
    case stop(ReplicaID)
    case remove(ReplicaID)
    case removeWorkload(WorkloadID)
}

/// An action and the one reason for it.
package struct PlannedAction: Sendable, Hashable {
    package var action: FleetAction
    package var reason: String

    package init(_ action: FleetAction, _ reason: String) {
        self.action = action
        self.reason = reason
    }
}

/// How a workload stands.
package struct WorkloadVerdict: Sendable, Hashable {
    package var status: WorkloadStatus
    package var reason: String?
    package var cause: FailureCause?
    package var desired: Int
    /// Replicas that serve, of whatever revision.
    package var ready: Int
    /// How a changed engine would be brought in now.
    package var replacement: ChangeEffect
    package var phase: ReadinessPhase
    /// The phase in words.
    package var message: String
    package var progress: StepProgress?
}

extension WorkloadVerdict {
    /// Of a workload that was declared this moment and that no plan has looked at yet.
    package static func justDeclared(desired: Int) -> WorkloadVerdict {
        WorkloadVerdict(
            status: .pending, desired: desired, ready: 0, replacement: .rolling, phase: .scheduling,
            message: "waiting for a place")
    }
}

/// What to do now, in order, and how every workload stands.
package struct FleetPlan: Sendable, Hashable {
    package var actions: [PlannedAction]
    package var verdicts: [WorkloadID: WorkloadVerdict]
}
