package import InferenceKeyWire
package import Logging
package import Transport

/// What every supervisor of an agent works with.
package struct ReplicaParts: Sendable {
    package var adapters: [Backend: any EngineAdapter]
    /// `replicas` of the data folder.
    package var folder: String
    package var machine: @Sendable () -> EngineMachine
    package var freeMemoryBytes: @Sendable () -> Int64?
    package var agentVariables: [String: String]
    package var operatorVariables: [String: String]
    package var policy: RestartPolicy
    package var health: HealthLimits
    package var logs: LogLimits
    package var stop: EngineStop
    package var installs: InstallDesk
    package var board: ObservationBoard
    package var client: HTTPClient
    package var clock: any Clock<Duration>
    /// The time on the wall, for people: it may be set, forwards and back.
    package var now: @Sendable () -> Timestamp
    /// How long the machine has run, for all that is measured.
    package var uptime: @Sendable () -> Duration
    /// Called when an engine is gone: the machine has more room than before.
    package var engineIsGone: @Sendable () -> Void
    package var logger: Logger
}
