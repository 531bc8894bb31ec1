package import InferenceKeyWire
package import Transport

/// Sends calls to one host with one credential: retries, deadlines, and every refusal as an ``InferenceKeyError``.
package struct Caller: Sendable {
    /// Of an answer that is not streamed.
    package static let maxAnswerBytes = 256 << 20
    /// Of the body of a refusal.
    static let maxRefusalBytes = 1 << 20

    package let base: BaseURL
    package var options: ClientOptions
    private let credential: String
    private let http: HTTPClient
    package let time: ClientTime

    /// Throws a configuration error for an address that is none and a credential that cannot stand in a header.
    package init(
        baseURL: String, credential: String, options: ClientOptions, http: HTTPClient? = nil, time: ClientTime = .system
    ) throws(InferenceKeyError) {
        guard let base = BaseURL(baseURL) else {
            let shown = BaseURL.hidingSecrets(in: baseURL)
            throw .configuration(
                "\"\(shown)\" is no base URL; it looks like http://127.0.0.1:8080 or https://keys.example.org")
        }
        try self.init(base: base, credential: credential, options: options, http: http, time: time)
    }

    /// Throws a configuration error for a credential that cannot stand in a header.
    init(
        base: BaseURL, credential: String, options: ClientOptions, http: HTTPClient?, time: ClientTime
    ) throws(InferenceKeyError) {
        guard credential.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw .configuration("the credential holds a space or a line break; pass it as it was shown")
        }
        self.base = base
        self.credential = credential
        self.options = options
        self.http = http ?? HTTPClient()
        self.time = time
    }

    /// The whole answer, which is a success.
    package func send(_ call: Call) async throws(InferenceKeyError) -> HTTPAnswer {
        try await retrying(call) { request, remaining throws(TransportError) in
            let timeouts = HTTPTimeouts(
                connect: options.connectTimeout, total: remaining, idle: options.streamIdleTimeout)
            let answer = try await http.send(request, timeouts: timeouts, maxBytes: Self.maxAnswerBytes)
            return Attempt(head: answer.head, value: answer) { answer.body }
        }
    }

    /// The answer as soon as its head is there, which is a success.
    package func open(_ call: Call) async throws(InferenceKeyError) -> HTTPStream {
        try await retrying(call) { request, remaining throws(TransportError) in
            let timeouts = HTTPTimeouts(
                connect: options.connectTimeout, total: remaining, idle: options.streamIdleTimeout)
            let stream = try await http.open(request, timeouts: timeouts)
            return Attempt(head: stream.head, value: stream) { () throws(TransportError) in
                try await stream.rest(maxBytes: Self.maxRefusalBytes)
            }
        }
    }

    private struct Attempt<Value> {
        var head: HTTPHead
        var value: Value
        /// The body, when it is a refusal.
        var refusal: () async throws(TransportError) -> [UInt8]
    }

    private func retrying<Value>(
        _ call: Call, _ send: (HTTPRequest, Duration) async throws(TransportError) -> Attempt<Value>
    ) async throws(InferenceKeyError) -> Value {
        let request = request(for: call)
        let policy = RetryPolicy(maxRetries: options.maxRetries)
        let deadline = time.now() + options.requestTimeout
        var attempt = 0
        while true {
            let outcome: RetryPolicy.Outcome
            let error: InferenceKeyError
            do throws(TransportError) {
                let answer = try await send(request, max(.zero, deadline - time.now()))
                if answer.head.isSuccess { return answer.value }
                let body = try await answer.refusal()
                outcome = .answer(answer.head)
                error = refusal(answer.head, body: body)
            } catch let failure {
                outcome = .failure(failure)
                error = self.error(failure, isLate: time.now() >= deadline)
            }
            let decision = policy.decision(
                after: outcome, attempt: attempt, isReplayable: call.isReplayable, jitter: time.jitter(),
                date: time.date())
            guard case .retry(let delay) = decision, time.now() + delay < deadline else { throw error }
            do { try await time.sleep(delay) } catch { throw .cancelled }
            attempt += 1
        }
    }

    private func request(for call: Call) -> HTTPRequest {
        let own = [
            HTTPField("authorization", "Bearer \(credential)"), HTTPField("user-agent", SDKVersion.userAgent),
            HTTPField("accept", "application/json"),
        ]
        let headers =
            call.headers
            + own.filter { field in
                !call.headers.contains { $0.isNamed(field.name) }
            }
        return HTTPRequest(
            call.method, base, call.path, headers: headers, body: call.body, isReplayable: call.isReplayable)
    }

    /// - Parameter isLate: whether the time of the whole call is up, of which the last try had only a rest.
    private func error(_ failure: TransportError, isLate: Bool) -> InferenceKeyError {
        guard isLate, case .timeout = failure else { return InferenceKeyError(failure, talkingTo: base) }
        return .timeout("no answer within \(options.requestTimeout)")
    }

    private func refusal(_ head: HTTPHead, body: [UInt8]) -> InferenceKeyError {
        InferenceKeyError(
            status: head.status, body: body, requestID: head["x-request-id"],
            retryAfterMilliseconds: RetryAfter.milliseconds(of: head, date: time.date()))
    }
}
