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

    /// More does not go in one post. Bytes of text: as JSON they are twice as many at the most.
    private static let maxBatch = LogAmount(lines: 500, bytes: 256 << 10)

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
        let end = log.nextNumber
        var reading = LogReading(log, from: end - max(0, request.tail), largest: Self.maxBatch)
        var delay = ReconnectDelay()
        var isFirst = true
        repeat {
            log.catchUp(now: now())
            let (lines, isAll) = reading.next(now: now())
            let isDone = !request.follow && reading.following >= end
            var fate = Fate.taken
            if !lines.isEmpty || isFirst || isDone {
                fate = await send(LogBatch(requestID: request.id, lines: lines, isDone: isDone))
            }
            switch fate {
            case .taken:
                reading.wasTaken()
                delay.reset()
                isFirst = false
                if isDone { return }
                if isAll { try? await clock.sleep(for: .milliseconds(250)) }
            case .tooLarge: reading.wasTooLarge()
            case .later: try? await clock.sleep(for: delay.next())
            case .unwanted: return
            }
        } while asked.contains(request.id) && !Task.isCancelled
    }

    /// What became of a batch.
    private enum Fate { case taken, tooLarge, later, unwanted }

    private func send(_ batch: LogBatch) async -> Fate {
        do {
            try await post(batch)
            return .taken
        } catch {
            logger.debug("log lines not posted", metadata: ["request": "\(batch.requestID)", "error": "\(error)"])
            return switch error {
            case .refused(status: 413, _): .tooLarge
            case .refused(let status, _) where (400..<500).contains(status) && status != 429: .unwanted
            default: .later
            }
        }
    }
}
