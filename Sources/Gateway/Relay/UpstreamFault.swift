import InferenceKeyWire

/// How a connection to an engine let a request down.
enum UpstreamFault: Error, Sendable, Hashable {
    /// It closed in the middle of things.
    case closed
    /// The other side had not even taken the request.
    case reset
    /// It sent what is no answer.
    case malformed
    case timeout

    var refusal: Refusal {
        switch self {
        case .closed: Refusal(.upstreamFailed, "the engine closed the connection before it answered")
        case .reset: Refusal(.upstreamFailed, "the engine reset the connection before it answered")
        case .malformed: Refusal(.upstreamFailed, "the engine sent something that is no HTTP answer")
        case .timeout: Refusal(.upstreamTimeout, "the engine did not answer in time")
        }
    }

    /// What the client of an answer that has begun is told in it.
    var inStream: ServiceError {
        switch self {
        case .closed, .reset: ServiceError(.upstreamFailed, "the engine failed in the middle of its answer")
        case .malformed: ServiceError(.upstreamFailed, "the engine sent a broken answer")
        case .timeout: ServiceError(.upstreamTimeout, "the engine stopped in the middle of its answer")
        }
    }
}
