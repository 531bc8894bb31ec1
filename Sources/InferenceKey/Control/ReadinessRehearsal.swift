package import InferenceKeyWire

/// Plays a wait for readiness on a clock of its own: the connections that the wait would have had, one after another.
package struct ReadinessRehearsal {
    private var progress: ReadinessProgress
    private let timeout: Duration
    private var now = Duration.zero
    private var reported: [JSONValue] = []
    private var pauses: [JSONValue] = []

    package init(slug: String, timeout: Duration) {
        progress = ReadinessProgress(slug: slug)
        self.timeout = timeout
    }

    /// What was reported, the pauses, and the outcome or the error.
    package mutating func run(_ connections: [JSONValue]) -> JSONValue {
        var (outcome, failure) = (JSONValue.null, JSONValue.null)
        do throws(InferenceKeyError) { outcome = try follow(connections).json } catch { failure = error.json }
        return ["reported": .array(reported), "delays_ms": .array(pauses), "outcome": outcome, "error": failure]
    }

    private mutating func follow(_ connections: [JSONValue]) throws(InferenceKeyError) -> ReadinessEvent {
        for connection in connections {
            for event in connection["events"]?.arrayValue ?? [] {
                try pass(.milliseconds(max(0, event["after_ms"]?.intValue ?? 0)))
                if let ready = try take(event["data"]?.stringValue ?? "") { return ready }
            }
            let failure = try Self.end(connection["end"])
            if connection["end"]?.stringValue == "open" { break }
            let pause = try progress.pause(after: failure)
            pauses.append(.int(Int(pause / .milliseconds(1))))
            try pass(pause)
        }
        // Nothing more will come.
        try pass(timeout)
        throw progress.late(after: timeout)
    }

    private mutating func take(_ data: String) throws(InferenceKeyError) -> ReadinessEvent? {
        switch progress.take(data) {
        case .wait: return nil
        case .report(let event):
            reported.append(event.json)
            return nil
        case .ready(let event, let isNews):
            if isNews { reported.append(event.json) }
            return event
        case .failed(let event, let isNews, let error):
            if isNews { reported.append(event.json) }
            throw error
        }
    }

    private mutating func pass(_ duration: Duration) throws(InferenceKeyError) {
        now += duration
        if now >= timeout { throw progress.late(after: timeout) }
    }

    /// How a connection ended: nil where the server closed it.
    private static func end(_ end: JSONValue?) throws(InferenceKeyError) -> InferenceKeyError? {
        switch end?.stringValue {
        case "closed", "open": return nil
        case "reset": return .network("the connection was reset")
        case "silent": return .timeout("nothing came for 45 s")
        case "tls":
            var error = InferenceKeyError.network("TLS: the certificate is not trusted")
            error.isLasting = true
            return error
        case nil: break
        default: throw .validation("an end is closed, open, reset, silent, tls, or an answer with status and body")
        }
        guard let status = end?["status"]?.intValue else { throw .validation("a connection has no end") }
        let body = (end?["body"]?.stringValue ?? "").utf8
        return InferenceKeyError(status: status, body: body, requestID: nil, retryAfterMilliseconds: nil)
    }
}
