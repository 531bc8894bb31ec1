package import InferenceKeyWire
package import Transport

/// Decides whether a request is sent again, and when. A pure function of what happened.
package struct RetryPolicy: Sendable, Hashable {
    package static let firstDelay = Duration.milliseconds(500)
    package static let maxDelay = Duration.seconds(8)
    /// A server that asks for a longer wait is not asked again.
    package static let maxServerDelay = Duration.seconds(120)
    /// Refusals that a retry may turn into an answer.
    package static let retryable: Set<Int> = [408, 429, 502, 503, 504]
    /// Of those, the ones that tell that work may have begun.
    package static let mayHaveBegun: Set<Int> = [502, 504]

    package enum Decision: Sendable, Hashable {
        case giveUp
        case retry(after: Duration)
    }

    package enum Outcome: Sendable, Hashable {
        case answer(HTTPHead)
        case failure(TransportError)
    }

    package var maxRetries: Int

    package init(maxRetries: Int) { self.maxRetries = maxRetries }

    /// - Parameters:
    ///   - attempt: how many times it has been sent again already.
    ///   - isReplayable: whether sending it twice does no more than sending it once.
    ///   - jitter: from 0 to 1; shortens the back-off by up to a quarter.
    package func decision(
        after outcome: Outcome, attempt: Int, isReplayable: Bool, jitter: Double, date: Timestamp
    ) -> Decision {
        guard attempt < maxRetries else { return .giveUp }
        switch outcome {
        case .failure(let error):
            return Self.isWorthRetrying(error, isReplayable) ? .retry(after: backOff(attempt, jitter)) : .giveUp
        case .answer(let head):
            guard Self.isWorthRetrying(head, isReplayable) else { return .giveUp }
            guard let asked = RetryAfter.delay(of: head, date: date) else {
                return .retry(after: backOff(attempt, jitter))
            }
            return asked > Self.maxServerDelay ? .giveUp : .retry(after: asked)
        }
    }

    private static func isWorthRetrying(_ error: TransportError, _ isReplayable: Bool) -> Bool {
        switch error {
        case .connect, .reset(_, mayHaveBegun: false), .timeout(_, mayHaveBegun: false): true
        case .reset(_, mayHaveBegun: true): isReplayable
        case .timeout(_, mayHaveBegun: true), .tls, .unsendable, .malformed, .tooLarge, .cancelled: false
        }
    }

    private static func isWorthRetrying(_ head: HTTPHead, _ isReplayable: Bool) -> Bool {
        switch head["x-should-retry"] {
        case "true": return true
        case "false": return false
        default: return retryable.contains(head.status) && (isReplayable || !mayHaveBegun.contains(head.status))
        }
    }

    private func backOff(_ attempt: Int, _ jitter: Double) -> Duration {
        let delay = min(Self.maxDelay, Self.firstDelay * (1 << min(attempt, 10)))
        return delay * (1 - 0.25 * min(max(jitter, 0), 1))
    }
}
