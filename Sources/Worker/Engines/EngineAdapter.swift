package import Fleet
package import InferenceKeyWire

/// What the worker must know of one backend: how its engine is called, when it serves, and what its log means.
///
/// An adapter holds no state and starts nothing. `waitUntilReady` returns only when the engine answers for its model by
/// the engine's own true signal, and ends early when the task is cancelled.
package protocol EngineAdapter: Sendable {
    var backend: Backend { get }

    /// The command line for one replica, or what must be installed first. Must be quick: it stands between a declaration
    /// and its process.
    func plan(_ order: EngineOrder, on machine: EngineMachine) throws(Failure) -> EnginePlan

    /// Throws when the engine itself says that it cannot serve the model.
    func waitUntilReady(
        _ engine: EngineContact, report: @escaping @Sendable (StepProgress) async -> Void
    ) async throws(Failure)

    /// Whether a ready engine still answers.
    func isHealthy(_ engine: EngineContact) async -> Bool

    /// What it works on and how far it is, by its own counters; nil when it has none.
    func activity(_ engine: EngineContact) async -> EngineActivity?

    /// What a line of its log tells of its start.
    func progress(in line: String) -> StepProgress?

    /// What its log tells of its end.
    func verdict(on log: [String]) -> LogVerdict
}

extension EngineAdapter {
    package func activity(_ engine: EngineContact) async -> EngineActivity? { nil }
}

/// A replica to be run: its assignment and a port that is free now.
package struct EngineOrder: Sendable, Hashable {
    package var replica: ReplicaAssignment
    package var freePort: Int

    package init(replica: ReplicaAssignment, freePort: Int) {
        self.replica = replica
        self.freePort = freePort
    }
}

package enum EnginePlan: Sendable, Hashable {
    case launch(EngineLaunch)
    case install(EngineInstall)
}

/// What an engine does now.
package struct EngineActivity: Sendable, Hashable {
    package var running: Double
    /// Grows whenever it gets on with its work.
    package var progress: Double

    package init(running: Double, progress: Double) {
        self.running = running
        self.progress = progress
    }
}

/// What the end of a log says about why.
package struct LogVerdict: Sendable, Hashable {
    /// Nil when the log names no cause that we know.
    package var cause: FailureCause?
    /// The line that tells it best.
    package var line: String?

    package init(cause: FailureCause? = nil, line: String? = nil) {
        self.cause = cause
        self.line = line
    }
}
