/// What one loop has counted since it started. Plain numbers: they are summed when somebody asks.
struct LaneCounters: Sendable, Equatable {
    var requestsInFlight = 0
    var controlRequests: UInt64 = 0
    var connectionsAccepted: UInt64 = 0
    var upstreamConnections: UInt64 = 0
    var upstreamReuses: UInt64 = 0
    var upstreamRetries: UInt64 = 0
    /// Answers that broke off after their first byte because of the engine.
    var cutStreams: UInt64 = 0
    /// Requests whose client left before the end of the answer.
    var clientsLeft: UInt64 = 0
    /// Connections closed because a deadline passed.
    var deadlinesPassed: UInt64 = 0
    var rateLimited: UInt64 = 0
    /// Events of event streams.
    var events: UInt64 = 0
    /// Answers whose engine did not say what it used.
    var untold: UInt64 = 0
    var timeToFirstByte = Histogram()
    var choice = ChoiceCounters()
    var queue = QueueCounters()

    mutating func add(_ other: LaneCounters) {
        requestsInFlight += other.requestsInFlight
        controlRequests += other.controlRequests
        connectionsAccepted += other.connectionsAccepted
        upstreamConnections += other.upstreamConnections
        upstreamReuses += other.upstreamReuses
        upstreamRetries += other.upstreamRetries
        cutStreams += other.cutStreams
        clientsLeft += other.clientsLeft
        deadlinesPassed += other.deadlinesPassed
        rateLimited += other.rateLimited
        events += other.events
        untold += other.untold
        timeToFirstByte.add(other.timeToFirstByte)
        choice.add(other.choice)
        queue.add(other.queue)
    }
}
