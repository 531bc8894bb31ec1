package import InferenceKeyWire

/// Why a replica does not run.
package struct Failure: Error, Sendable, Hashable {
    package var cause: FailureCause
    /// For people: what happened and what to do.
    package var reason: String
    /// The last lines of the engine's log.
    package var logTail: [String]
    /// The port that the agent chose was taken by somebody else in the meantime.
    package var anotherPortMayHelp: Bool

    package init(
        _ cause: FailureCause, _ reason: String, logTail: [String] = [], anotherPortMayHelp: Bool = false
    ) {
        self.cause = cause
        self.reason = reason
        self.logTail = logTail
        self.anotherPortMayHelp = anotherPortMayHelp
    }
}
