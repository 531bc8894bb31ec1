import Fleet
import InferenceKeyWire

/// A Gateway's watch: the tables now, then each new version, joined into at most one per interval.
struct TablesSource: EventSource {
    let link: GatewayLink
    let interval: Duration
    let clock: any Clock<Duration>
    let subscription: StreamSubscription
    private var sentVersion: Int?
    /// How long the last tables took to write out.
    private var lastEffort = Duration.zero
    /// Large tables that change all the time must not keep Manager and Gateway busy: they rest this much longer.
    private static let restPerEffort = 10
    /// But not longer: a revocation is in force within a second, also after a moment in which the machine stood still.
    private static let maxRest = Duration.milliseconds(500)

    init(link: GatewayLink, subscription: StreamSubscription, interval: Duration, clock: any Clock<Duration>) {
        self.link = link
        self.interval = interval
        self.clock = clock
        self.subscription = subscription
    }

    mutating func next() async throws -> [UInt8]? {
        if sentVersion != nil {
            try await clock.sleep(for: max(interval, min(lastEffort * Self.restPerEffort, Self.maxRest)))
        }
        while true {
            if let tables = link.tables, sentVersion != tables.version {
                sentVersion = tables.version
                let start = ContinuousClock.now
                defer { lastEffort = ContinuousClock.now - start }
                return tables.json.event
            }
            guard let reason = await subscription.waker.next() else { return nil }
            if reason == .keepAlive { return ServerSentEvent.keepAlive }
        }
    }
}
