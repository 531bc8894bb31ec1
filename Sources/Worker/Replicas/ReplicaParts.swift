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
    package var now: @Sendable () -> Timestamp
    package var logger: Logger
}
