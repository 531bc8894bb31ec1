package import Fleet
package import InferenceKeyWire

/// The worker's side of its connection to the Manager.
///
/// The worker dials; the Manager never does. Nothing here retries: who calls decides when to try again.
package protocol ManagerLink: Sendable {
    /// Trades a join token for the worker's own credential.
    func join(token: Credential, name: String) async throws(LinkError) -> Credential

    /// Gives each assignment as it comes, complete each time. Returns when the Manager ends the stream.
    func watchAssignments(
        as worker: Credential, _ take: @Sendable (WorkerAssignment) async -> Void
    ) async throws(LinkError)

    func post(_ observation: WorkerObservation, as worker: Credential) async throws(LinkError)

    func post(_ lines: LogBatch, as worker: Credential) async throws(LinkError)
}

/// Log lines for one request.
package struct LogBatch: Sendable, Hashable {
    package var requestID: String
    package var lines: [LogLine]
    /// No more will come.
    package var isDone: Bool

    package init(requestID: String, lines: [LogLine], isDone: Bool) {
        self.requestID = requestID
        self.lines = lines
        self.isDone = isDone
    }

    package var json: JSONValue { ["lines": .array(lines.map(\.json)), "done": .bool(isDone)] }
}

/// Why the Manager did not answer as wanted.
package enum LinkError: Error, Sendable, Hashable, CustomStringConvertible {
    case unreachable(String)
    /// It answered, and not with success.
    case refused(status: Int, message: String)
    case malformed(String)

    package var description: String {
        switch self {
        case .unreachable(let reason): "the Manager cannot be reached: \(reason)"
        case .refused(let status, let message): "the Manager answered \(status): \(message)"
        case .malformed(let reason): "the Manager's answer is not understood: \(reason)"
        }
    }
}
