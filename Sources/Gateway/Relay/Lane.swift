import Fleet
import InferenceKeyWire
import Logging
import NIOCore

/// One event loop's share of the Gateway: its tables, its connections, its counters. Nothing here is touched from
/// anywhere but the loop, so nothing is locked.
final class Lane {
    let loop: any EventLoop
    let limits: GatewayLimits
    let logger: Logger
    /// Whether each request is logged.
    let logsRequests: Bool
    /// The Manager behind the control relay, if there is one.
    let control: Replica?
    let links: LaneLinks
    var tables = LaneTables()
    var counters = LaneCounters()
    var usage = LaneUsage()
    var series: LaneSeries
    /// Nil when nothing is logged or traced.
    let telemetry: LaneTelemetry?
    /// The time of the last sweep; good to a quarter of a second and free.
    private(set) var now = NIODeadline.now()
    private(set) var wall: Timestamp
    private(set) var isDraining = false
    private var isCheckingDeadlines = false
    /// Bytes of request bodies held.
    var heldBodyBytes = 0
    /// Scratch for the head being parsed.
    var fields: [FieldSpan] = []
    /// Scratch for the choice of a replica.
    let scratch = ChoiceScratch()
    /// Connections under TLS that are no ``ClientConnection``.
    var guests = LaneGuests()
    var descriptors = SpareDescriptors()

    private var clients: [ClientConnection] = []
    private var spares: [ByteBuffer] = []
    private var taps: [AnswerTap] = []
    private var requestIDs: RequestIDs
    private var waits: UInt64 = 0
    private var emptied: EventLoopPromise<Void>?

    init(
        loop: any EventLoop, limits: GatewayLimits, logger: Logger, control: Address?, links: LaneLinks, seed: UInt64
    ) {
        self.loop = loop
        self.limits = limits
        self.logger = logger
        logsRequests = logger.logLevel <= .debug
        self.control = control.map { Replica(address: $0) }
        self.links = links
        series = LaneSeries(labels: links.labels)
        telemetry = links.telemetry.map {
            LaneTelemetry($0.plan, queue: $0.queue, seed: .random(in: .min ... .max))
        }
        wall = links.now()
        requestIDs = RequestIDs(seed: seed)
        fields.reserveCapacity(64)
    }

    /// Looks at every deadline, then comes back after the interval.
    func sweep() {
        now = .now()
        wall = links.now()
        descriptors.refill()
        telemetry?.handOver()
        lookAfterReplicas()
        for replica in tables.replicas.values { replica.closeIdle(now: now, keptFor: limits.upstreamKeepAlive) }
        control?.closeIdle(now: now, keptFor: limits.upstreamKeepAlive)
        if !isCheckingDeadlines { checkDeadlines(clients: clients.count, guests: guests.count) }
        loop.assumeIsolated().scheduleTask(in: limits.sweepInterval) { self.sweep() }
    }

    /// Looks at the first so many, from the back: one that goes is replaced by the last one, which has been looked at.
    /// There may be thousands, and thousands that have to go: after some the loop serves requests for a while.
    private func checkDeadlines(clients clientsLeft: Int, guests guestsLeft: Int) {
        let lastCut = counters.deadlinesPassed &+ Self.maxCutsAtOnce
        var (client, guest, looks) = (clientsLeft, guestsLeft, 0)
        while client > 0 || guest > 0, looks < Self.maxLooksAtOnce, counters.deadlinesPassed < lastCut {
            looks += 1
            if client > 0 {
                client -= 1
                if client < clients.count { clients[client].checkDeadlines(now) }
            } else {
                guest -= 1
                if guest < guests.count { guests[guest].checkDeadlines(now) }
            }
        }
        isCheckingDeadlines = client > 0 || guest > 0
        guard isCheckingDeadlines else { return }
        loop.assumeIsolated().scheduleTask(in: Self.pause) { self.checkDeadlines(clients: client, guests: guest) }
    }

    private static let maxLooksAtOnce = 128
    private static let maxCutsAtOnce: UInt64 = 1
    private static let pause: TimeAmount = .microseconds(500)

    func apply(_ snapshot: TableSnapshot) {
        tables.apply(snapshot)
        series.dropRetired()
        serveWaitingEverywhere()
    }

    /// The id of a request whose caller gave none.
    func nextRequestID() -> RequestID { requestIDs.next() }

    /// The number of one more wait for room.
    func nextWait() -> UInt64 {
        waits += 1
        return waits
    }
}

// Connections of clients.
extension Lane {
    var connectionCount: Int { clients.count }

    func admit(_ client: ClientConnection) -> Bool {
        guard clients.count < limits.maxConnections else { return false }
        client.laneIndex = clients.count
        clients.append(client)
        return true
    }

    func dismiss(_ client: ClientConnection) {
        let index = client.laneIndex
        guard index >= 0 else { return }
        client.laneIndex = -1
        let last = clients.removeLast()
        if last !== client {
            clients[index] = last
            last.laneIndex = index
        }
        checkEmptied()
    }

    func checkEmptied() { if clients.isEmpty, guests.isEmpty, isDraining { emptied?.succeed() } }

    /// Closes what is idle, lets the rest finish; the future is done when no client is left.
    func drain() -> EventLoopFuture<Void> {
        let promise = emptied ?? loop.makePromise(of: Void.self)
        emptied = promise
        isDraining = true
        for client in clients { client.drain() }
        for guest in guests.all { guest.drain() }
        checkEmptied()
        return promise.futureResult
    }

    /// Ends every request that is still open; gives how many there were.
    func cut() -> Int {
        var count = 0
        for client in clients {
            if client.isAnswering { count += 1 }
            client.cut()
        }
        return count
    }

    /// Closes what is left of connections when the loop ends.
    func closeAll() {
        for client in clients { client.close() }
        for guest in guests.all { guest.close() }
        descriptors.letGo()
        for replica in tables.replicas.values { replica.closeAllIdle() }
        control?.closeAllIdle()
    }
}

// Things used again.
extension Lane {
    private static let maxSpares = 64
    private static let maxSpareBytes = 64 << 10

    /// An empty buffer to write a message into. Give it back with ``giveBack(_:)`` when it has been written.
    func takeBuffer() -> ByteBuffer {
        guard var buffer = spares.popLast() else {
            var fresh = ByteBufferAllocator().buffer(capacity: 2048)
            fresh.clear()
            return fresh
        }
        buffer.clear()
        return buffer
    }

    func giveBack(_ buffer: consuming ByteBuffer) {
        if spares.count < Self.maxSpares, buffer.capacity <= Self.maxSpareBytes { spares.append(buffer) }
    }

    func takeTap() -> AnswerTap { taps.popLast() ?? AnswerTap() }

    func giveBack(_ tap: AnswerTap) { if taps.count < Self.maxSpares { taps.append(tap) } }
}
