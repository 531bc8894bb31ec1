package import Fleet
package import InferenceKeyWire
package import Logging

/// Answers requests for log lines: the newest ones, and those that come, for as long as somebody asks.
package actor LogDesk {
    private let find: @Sendable (ReplicaID) async -> EngineLog?
    private let post: @Sendable (LogBatch) async throws(LinkError) -> Void
    private let bench: Workbench
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> Timestamp
    private let logger: Logger
    private var asked: Set<String> = []

    /// More lines do not go in one post.
    private static let maxBatchLines = 500

    package init(
        bench: Workbench, clock: any Clock<Duration>, now: @escaping @Sendable () -> Timestamp, logger: Logger,
        find: @escaping @Sendable (ReplicaID) async -> EngineLog?,
        post: @escaping @Sendable (LogBatch) async throws(LinkError) -> Void
    ) {
        self.bench = bench
        self.clock = clock
        self.now = now
        self.logger = logger
        self.find = find
        self.post = post
    }

    /// Takes the requests of the newest assignment; those that are no longer in it end.
    package func take(_ requests: [LogRequest]) {
        let before = asked
        asked = Set(requests.map(\.id))
        for request in requests where !before.contains(request.id) {
            bench.add { [self] in await answer(request) }
        }
    }

    private func answer(_ request: LogRequest) async {
        guard let log = await find(request.replicaID) else {
            _ = await send(LogBatch(requestID: request.id, lines: [], isDone: true))
            return
        }
        log.catchUp(now: now())
        var next = max(0, log.nextNumber - max(0, request.tail))
        var isFirst = true
        repeat {
            log.catchUp(now: now())
            let (lines, following) = log.lines(from: next, limit: Self.maxBatchLines)
            next = following
            let isDone = !request.follow && lines.count < Self.maxBatchLines
            if !lines.isEmpty || isFirst || isDone {
                guard await send(LogBatch(requestID: request.id, lines: lines, isDone: isDone)) else { return }
            }
            isFirst = false
            if isDone { return }
            if lines.count < Self.maxBatchLines { try? await clock.sleep(for: .milliseconds(250)) }
        } while asked.contains(request.id) && !Task.isCancelled
    }

    /// False when the Manager does not want it: it no longer knows the request, or cannot be reached.
    private func send(_ batch: LogBatch) async -> Bool {
        do {
            try await post(batch)
            return true
        } catch {
            logger.debug("log lines not posted", metadata: ["request": "\(batch.requestID)", "error": "\(error)"])
            return false
        }
    }
}
