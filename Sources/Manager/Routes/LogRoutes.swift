import Fleet
import InferenceKeyWire
import Planning

/// What the engines of a workload wrote.
enum LogRoutes {
    static let all: [Route] = [logs]
    static let maxTail = 5000

    private static let logs = Route(
        .get, "/api/workloads/:id/logs", .workload(.read), "Engine log lines, newest last.",
        query: [
            QueryParameter("replica", .string, "Only of this replica."),
            QueryParameter("tail", .integer(0...maxTail), "So many of the newest lines of each replica; or 100."),
            QueryParameter("follow", .boolean, "Go on with new lines, as server-sent events."),
        ],
        answers: [.json(200, .array(.ref("LogLine")), "The lines; as events, one line each, when followed.")],
        failures: [.notFound, .rateLimited]
    ) { call, workload in
        let tail = try call.query.int("tail", in: 0...maxTail) ?? 100
        let follow = try call.query.flag("follow")
        let replicas = try call.replicas(of: workload)
        let core = call.core
        if follow {
            let subscription = core.hub.subscribe(to: .logs, by: call.caller)
            let readings = try replicas.map {
                try core.logRelay.open(
                    $0, of: workload.projectID, tail: tail, follow: true, waker: subscription.waker)
            }
            return .events { LogSource(open: readings, subscription: subscription) }
        }
        let lines = try await core.logLines(of: replicas, in: workload.projectID, tail: tail)
        return .ok(.array(lines.map(\.scrubbed.json)))
    }
}

extension Call {
    /// The replicas whose log is asked for, of those whose worker can be asked.
    fileprivate func replicas(of workload: WorkloadRecord) throws(ServiceError) -> [ReplicaRecord] {
        var replicas = fleet.replicas(of: workload.id).filter { $0.intent != .stop }
        if let wanted = query["replica"] {
            replicas = replicas.filter { $0.id.text == wanted }
            if replicas.isEmpty { throw ServiceError(.notFound, "\(workload.slug) has no replica \(wanted)") }
        }
        let sight = core.sight(of: fleet)
        let reachable = replicas.filter {
            core.sightBook.lastHeard(of: $0.workerID) != nil && sight.state(of: $0) != .lost
        }
        guard !reachable.isEmpty || replicas.isEmpty else {
            throw ServiceError(
                .unavailable, "the worker that has the log is not heard of", retryAfterMilliseconds: 5000)
        }
        return reachable
    }
}

extension Core {
    /// The newest lines of each replica, in the order of their time, as far as the workers send them in time.
    fileprivate func logLines(
        of replicas: [ReplicaRecord], in project: ProjectID, tail: Int
    ) async throws -> [LogLine] {
        let waker = Waker()
        let readings = try replicas.map {
            try logRelay.open($0, of: project, tail: tail, follow: false, waker: waker)
        }
        return await withTaskGroup(of: Void.self) { [clock, timings] group in
            group.addTask {
                try? await clock.sleep(for: timings.logWait)
                waker.close()
            }
            var lines: [LogLine] = []
            var open = readings
            while !open.isEmpty {
                open = open.filter { reading in
                    let taken = reading.take()
                    lines += taken.lines
                    return !taken.isDone
                }
                if open.isEmpty { break }
                guard await waker.next() != nil else { break }
            }
            group.cancelAll()
            return lines.sorted { $0.at < $1.at }
        }
    }
}

/// The logs of some replicas, line by line, for as long as the reader stays.
struct LogSource: EventSource {
    var open: [LogReading]
    let subscription: StreamSubscription

    mutating func next() async throws -> [UInt8]? {
        while true {
            var bytes: [UInt8] = []
            var rest: [LogReading] = []
            for reading in open {
                let taken = reading.take()
                if taken.dropped > 0 { bytes += Array(": \(taken.dropped) lines were dropped\n\n".utf8) }
                for line in taken.lines { bytes += line.scrubbed.json.event }
                if !taken.isDone { rest.append(reading) }
            }
            open = rest
            if !bytes.isEmpty { return bytes }
            guard !open.isEmpty, let reason = await subscription.waker.next() else { return nil }
            if reason == .keepAlive { return ServerSentEvent.keepAlive }
        }
    }
}

extension LogLine {
    /// Without credentials that an engine may have written.
    fileprivate var scrubbed: LogLine {
        var line = self
        line.text = Redaction.scrub(text)
        return line
    }
}
