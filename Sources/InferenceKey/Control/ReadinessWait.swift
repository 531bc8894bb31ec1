import Synchronization

/// Follows one workload's readiness events across dropped connections until a final one comes.
final class ReadinessWait: Sendable {
    private let connection: ControlConnection
    private let path: String
    private let slug: String
    private let onProgress: (@Sendable (ReadinessEvent) -> Void)?
    private let last = Mutex<ReadinessEvent?>(nil)

    init(
        connection: ControlConnection, path: String, slug: String,
        onProgress: (@Sendable (ReadinessEvent) -> Void)?
    ) {
        self.connection = connection
        self.path = path
        self.slug = slug
        self.onProgress = onProgress
    }

    /// How long to wait before opening the stream again for the n-th time in a row, from 0.
    static func delay(before attempt: Int) -> Duration { .seconds(attempt < 3 ? 1 << attempt : 5) }

    /// Throws `timeout` when no final event has come in time.
    func run(for timeout: Duration) async throws(InferenceKeyError) -> ReadinessEvent {
        let time = connection.time
        let result = await withTaskGroup(of: Result<ReadinessEvent, InferenceKeyError>.self) { group in
            group.addTask { await self.follow() }
            group.addTask {
                do { try await time.sleep(timeout) } catch { return .failure(.cancelled) }
                return .failure(.timeout(self.lateness(timeout)))
            }
            defer { group.cancelAll() }
            return await group.next() ?? .failure(.cancelled)
        }
        return try result.get()
    }

    private func follow() async -> Result<ReadinessEvent, InferenceKeyError> {
        var attempt = 0
        do throws(InferenceKeyError) {
            while true {
                do throws(InferenceKeyError) {
                    let events = try await connection.events(path)
                    while let event = try await events.next() {
                        guard let news = try? JSONValue(parsing: event.data), let event = ReadinessEvent(json: news)
                        else { continue }
                        attempt = 0
                        note(event)
                        if event.phase.isFinal { return try .success(outcome(of: event)) }
                    }
                } catch {
                    guard Self.isPassing(error) else { throw error }
                }
                do { try await connection.time.sleep(Self.delay(before: attempt)) } catch { throw .cancelled }
                attempt += 1
            }
        } catch { return .failure(error) }
    }

    /// Whether it is worth opening the stream again.
    private static func isPassing(_ error: InferenceKeyError) -> Bool {
        switch error.kind {
        case .network, .rateLimited: true
        case .timeout: true
        case .api: error.status.map(RetryPolicy.retryable.contains) ?? false
        default: false
        }
    }

    private func note(_ event: ReadinessEvent) {
        let isNews = last.withLock { last in
            defer { last = event }
            return last != event
        }
        if isNews { onProgress?(event) }
    }

    private func outcome(of event: ReadinessEvent) throws(InferenceKeyError) -> ReadinessEvent {
        if event.phase == .ready { return event }
        throw InferenceKeyError(
            kind: .api, message: "workload \(slug) cannot become ready: \(event.message)", code: event.cause?.rawValue)
    }

    private func lateness(_ timeout: Duration) -> String {
        let state = last.withLock { $0 }.map { "\($0.phase.rawValue): \($0.message)" } ?? "nothing was heard of it"
        return "workload \(slug) is not ready after \(timeout.components.seconds) s; \(state)"
    }
}
