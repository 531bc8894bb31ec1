package import InferenceKeyWire

/// Decides what a wait for readiness does next: what it reports, when it opens the stream again, how it ends. Pure.
///
/// ```
/// following ──ended, failed in passing──▶ pausing ──open again──▶ following
///     │ ready, error, a refusal that stays
///     ▼
///   over
/// ```
package struct ReadinessProgress: Sendable {
    package enum Step: Sendable, Hashable {
        /// Nothing new was said.
        case wait
        /// Something new was said, which is not the end.
        case report(ReadinessEvent)
        /// It is ready, and that was new or not.
        case ready(ReadinessEvent, isNews: Bool)
        /// It cannot become ready.
        case failed(ReadinessEvent, isNews: Bool, InferenceKeyError)
    }

    private let slug: String
    private var last: ReadinessEvent?
    /// Why the stream could not be had, or broke off, if that was the last thing that happened.
    private var failure: InferenceKeyError?
    /// How many times in a row the stream was opened without an event coming.
    private var attempt = 0

    package init(slug: String) { self.slug = slug }

    /// What an event means. Events that this version does not know are passed over.
    package mutating func take(_ data: String) -> Step {
        guard let json = try? JSONValue(parsing: data), let event = ReadinessEvent(json: json) else { return .wait }
        attempt = 0
        failure = nil
        let isNews = event != last
        last = event
        switch event.phase {
        case .ready: return .ready(event, isNews: isNews)
        case .error:
            let error = InferenceKeyError(
                kind: .api, message: "workload \(slug) cannot become ready: \(event.message)",
                code: event.cause?.rawValue)
            return .failed(event, isNews: isNews, error)
        case .scheduling, .provisioning, .bootstrapping: return isNews ? .report(event) : .wait
        }
    }

    /// How long to wait before the stream is opened again, which has ended, or failed: 1, 2, 4, then 5 s. A bare end is
    /// never success. Throws the failure when another try would meet it again.
    package mutating func pause(after failure: InferenceKeyError?) throws(InferenceKeyError) -> Duration {
        if let failure, !Self.isPassing(failure) { throw failure }
        self.failure = failure
        defer { attempt += 1 }
        return .seconds(attempt < 3 ? 1 << attempt : 5)
    }

    /// The time is up.
    package func late(after timeout: Duration) -> InferenceKeyError {
        let state = last.map { "\($0.phase.rawValue): \($0.message)" } ?? "nothing was heard of it"
        let trouble = failure.map { "; the last connection failed: \($0.message)" } ?? ""
        return .timeout("workload \(slug) is not ready after \(timeout.components.seconds) s; \(state)\(trouble)")
    }

    private static func isPassing(_ error: InferenceKeyError) -> Bool {
        switch error.kind {
        case .network, .rateLimited, .timeout: !error.isLasting
        case .api: error.status.map(RetryPolicy.retryable.contains) ?? false
        default: false
        }
    }
}
