import Fleet
import InferenceKeyWire
import Synchronization

/// Log lines on their way from workers to those who asked for them.
final class LogRelay: Sendable {
    /// Lines that one reader may leave unread before the oldest are dropped.
    static let maxUnreadLines = 10_000
    /// What the readers of one project may leave unread before the oldest lines are dropped, bytes.
    static let maxUnreadBytes = 32 << 20
    /// Log requests of one project that may be open at once, and of all together.
    static let maxRequestsOfProject = 256
    static let maxRequests = 4096

    private struct Pending {
        let worker: WorkerID
        let project: ProjectID
        let waker: Waker
        var lines: [LogLine] = []
        var bytes = 0
        var dropped = 0
        var isDone = false

        mutating func add(_ new: [LogLine]) {
            lines += new
            bytes += new.reduce(0) { $0 + $1.text.utf8.count }
        }

        /// Drops the oldest lines until at most so many of them, and of their bytes, are left.
        mutating func keep(_ maxLines: Int, _ maxBytes: Int) {
            var excess = 0
            while excess < lines.count, lines.count - excess > maxLines || bytes > maxBytes {
                bytes -= lines[excess].text.utf8.count
                excess += 1
            }
            lines.removeFirst(excess)
            dropped += excess
        }
    }

    private let link: WorkerLink
    private let ids: IDSource
    private let pending = Mutex<[String: Pending]>([:])

    init(link: WorkerLink, ids: IDSource) {
        self.link = link
        self.ids = ids
    }

    /// Asks the replica's worker for lines; they arrive until the reading is let go of.
    func open(
        _ replica: ReplicaRecord, of project: ProjectID, tail: Int, follow: Bool, waker: Waker
    ) throws(ServiceError) -> LogReading {
        let id = "lr_\(ids.ulid())"
        let isOpen = pending.withLock { pending in
            guard pending.count < Self.maxRequests,
                pending.values.count(where: { $0.project == project }) < Self.maxRequestsOfProject
            else { return false }
            pending[id] = Pending(worker: replica.workerID, project: project, waker: waker)
            return true
        }
        guard isOpen else {
            throw ServiceError(
                .rateLimited, "\(Self.maxRequestsOfProject) logs are being read already; close one and try again",
                retryAfterMilliseconds: 1000)
        }
        link.add(LogRequest(id: id, replicaID: replica.id, tail: tail, follow: follow), for: replica.workerID)
        return LogReading(id: id, relay: self)
    }

    /// Takes lines from a worker; false when nobody wants more, nil when this worker was never asked.
    func deliver(_ lines: [LogLine], isDone: Bool, to id: String, from worker: WorkerID) -> Bool? {
        let waker = pending.withLock { pending -> Waker? in
            guard var entry = pending[id], entry.worker == worker else { return nil }
            entry.add(lines)
            let others = pending.reduce(0) { sum, other in
                other.value.project == entry.project && other.key != id ? sum + other.value.bytes : sum
            }
            entry.keep(Self.maxUnreadLines, Self.maxUnreadBytes - others)
            entry.isDone = entry.isDone || isDone
            pending[id] = entry
            return entry.waker
        }
        guard let waker else { return nil }
        waker.wake(.logs)
        return !isDone
    }

    fileprivate func take(_ id: String) -> (lines: [LogLine], dropped: Int, isDone: Bool) {
        pending.withLock { pending in
            guard var entry = pending[id] else { return ([], 0, true) }
            defer { pending[id] = entry }
            defer {
                entry.lines = []
                entry.bytes = 0
                entry.dropped = 0
            }
            return (entry.lines, entry.dropped, entry.isDone)
        }
    }

    fileprivate func close(_ id: String) {
        let worker = pending.withLock { $0.removeValue(forKey: id)?.worker }
        if let worker { link.removeLogRequest(id, of: worker) }
    }
}

/// One reader of one replica's log; letting go of it tells the worker to stop.
final class LogReading: Sendable {
    let id: String
    private let relay: LogRelay

    fileprivate init(id: String, relay: LogRelay) {
        self.id = id
        self.relay = relay
    }

    deinit { relay.close(id) }

    /// What has come since the last call, how many lines were dropped, and whether the worker has said that this is all.
    func take() -> (lines: [LogLine], dropped: Int, isDone: Bool) { relay.take(id) }
}
