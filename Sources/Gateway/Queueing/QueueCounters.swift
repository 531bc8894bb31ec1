/// What one loop has counted of the requests that waited for room.
struct QueueCounters: Sendable, Equatable {
    /// Waiting now.
    var waiting = 0
    /// Began to wait.
    var entered: UInt64 = 0
    /// Turned away because the line was full.
    var turnedAway: UInt64 = 0
    /// Waited for as long as they may.
    var expired: UInt64 = 0
    /// Of those that were let through.
    var wait = Histogram()

    mutating func add(_ other: QueueCounters) {
        waiting += other.waiting
        entered += other.entered
        turnedAway += other.turnedAway
        expired += other.expired
        wait.add(other.wait)
    }
}
