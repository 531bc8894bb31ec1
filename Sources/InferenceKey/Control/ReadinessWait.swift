import Synchronization

/// Follows one workload's readiness events across dropped connections until a final one comes.
final class ReadinessWait: Sendable {
    private let connection: ControlConnection
    private let path: String
    private let onProgress: (@Sendable (ReadinessEvent) -> Void)?
    private let progress: Mutex<ReadinessProgress>

    init(
        connection: ControlConnection, path: String, slug: String,
        onProgress: (@Sendable (ReadinessEvent) -> Void)?
    ) {
        self.connection = connection
        self.path = path
        self.onProgress = onProgress
        progress = Mutex(ReadinessProgress(slug: slug))
    }

    /// Throws `timeout` when no final event has come in time.
    func run(for timeout: Duration) async throws(InferenceKeyError) -> ReadinessEvent {
        let time = connection.time
        let result = await withTaskGroup(of: Result<ReadinessEvent, InferenceKeyError>.self) { group in
            group.addTask { await self.follow() }
            group.addTask {
                do { try await time.sleep(timeout) } catch { return .failure(.cancelled) }
                return .failure(self.progress.withLock { $0.late(after: timeout) })
            }
            defer { group.cancelAll() }
            return await group.next() ?? .failure(.cancelled)
        }
        return try result.get()
    }

    private func follow() async -> Result<ReadinessEvent, InferenceKeyError> {
        do throws(InferenceKeyError) {
            while true {
                var failure: InferenceKeyError?
                do throws(InferenceKeyError) {
                    if let end = try await followOnce() { return end }
                } catch { failure = error }
                let pause = try progress.withLock { progress throws(InferenceKeyError) in
                    try progress.pause(after: failure)
                }
                do { try await connection.time.sleep(pause) } catch { throw .cancelled }
            }
        } catch { return .failure(error) }
    }

    /// Nil when the stream ends without a final event.
    private func followOnce() async throws(InferenceKeyError) -> Result<ReadinessEvent, InferenceKeyError>? {
        let events = try await connection.events(path)
        while let event = try await events.next() {
            switch progress.withLock({ $0.take(event.data) }) {
            case .wait: break
            case .report(let event): onProgress?(event)
            case .ready(let event, let isNews):
                if isNews { onProgress?(event) }
                return .success(event)
            case .failed(let event, let isNews, let error):
                if isNews { onProgress?(event) }
                return .failure(error)
            }
        }
        return nil
    }
}
