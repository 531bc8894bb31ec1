/// What one loop has counted since it started. Plain numbers: they are summed when somebody asks.
struct LaneCounters: Sendable, Equatable {
    /// Answered requests of the data plane by the first digit of their status.
    var requestsByClass = [UInt64](repeating: 0, count: 6)
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
    var tokensIn: UInt64 = 0
    var tokensOut: UInt64 = 0
    var timeToFirstByte = Histogram()
    var duration = Histogram()

    mutating func add(_ other: LaneCounters) {
        for index in requestsByClass.indices { requestsByClass[index] += other.requestsByClass[index] }
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
        tokensIn += other.tokensIn
        tokensOut += other.tokensOut
        timeToFirstByte.add(other.timeToFirstByte)
        duration.add(other.duration)
    }
}
