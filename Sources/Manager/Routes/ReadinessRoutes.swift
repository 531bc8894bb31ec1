import Fleet
import InferenceKeyWire
import Planning

/// The stream of events from declared to ready.
enum ReadinessRoutes {
    static let all: [Route] = [events]

    private static let events = Route(
        .get, "/api/projects/:project/workloads/:slug/readiness-events", .project(.read),
        "How far a workload is: a snapshot, then every change, until ready or error.",
        answers: [.events(.ref("ReadinessEvent"), "Server-sent events.")], failures: [.workloadNotFound]
    ) { call, project in
        let slug = call.parameter("slug")
        guard let workload = call.fleet.workload(slug: slug, in: project.id), workload.deletingSince == nil else {
            throw call.fleet.noWorkload(slug, hint: "see those there are with: ik list")
        }
        let core = call.core
        let subscription = core.hub.subscribe(to: .verdicts, by: call.caller)
        return .events { ReadinessSource(workload: workload.id, core: core, subscription: subscription) }
    }
}

/// The readiness of one workload, event by event; it ends with `ready` or `error`.
struct ReadinessSource: EventSource {
    let workload: WorkloadID
    let core: Core
    let subscription: StreamSubscription
    private var last: ReadinessEvent?

    init(workload: WorkloadID, core: Core, subscription: StreamSubscription) {
        self.workload = workload
        self.core = core
        self.subscription = subscription
    }

    mutating func next() async throws -> [UInt8]? {
        while last?.phase.isFinal != true {
            let event = current
            if last.map({ event.differs(from: $0) }) ?? true {
                last = event
                if event.phase == .ready { await core.gatewaysHaveFollowed() }
                return event.json.event
            }
            guard let reason = await subscription.waker.next() else { return nil }
            if reason == .keepAlive { return ServerSentEvent.keepAlive }
        }
        return nil
    }

    private var current: ReadinessEvent {
        let fleet = core.ledger.current
        guard let record = fleet.workloads[workload] else {
            return ReadinessEvent(phase: .error, message: "the workload was deleted", elapsedMilliseconds: 0)
        }
        let verdict = core.verdict(on: record, fleet)
        return ReadinessEvent(
            phase: core.verdicts.advance(verdict.phase, of: record), message: verdict.message,
            elapsedMilliseconds: max(0, core.ids.now().milliseconds(since: record.updatedAt)),
            progress: verdict.phase == .ready ? nil : verdict.progress, cause: verdict.cause)
    }
}

extension ReadinessEvent {
    /// Whether it tells more than that time went by.
    fileprivate func differs(from other: ReadinessEvent) -> Bool {
        var timeless = self
        timeless.elapsedMilliseconds = other.elapsedMilliseconds
        return timeless != other
    }
}
