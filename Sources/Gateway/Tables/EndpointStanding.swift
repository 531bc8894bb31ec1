import Synchronization

/// What all loops share of one endpoint: made where the endpoint declares a use for it.
struct EndpointStanding: Sendable {
    /// Counts the requests and tokens of all keys together.
    var meter: KeyMeter?
    /// Where requests wait while every replica is full.
    var room: WaitingRoom?
    /// What the replicas have read, for the policy `prefix`.
    var prefixes: PrefixIndex?
    var looks = Looks()

    /// Lets one loop look at the replicas once in a window.
    final class Looks: Sendable {
        private let last = Atomic<Int64>(0)

        /// True for the one who looks now.
        func take(at now: Int64, every window: Int64) -> Bool {
            let former = last.load(ordering: .relaxed)
            guard now - former >= window else { return false }
            return last.compareExchange(expected: former, desired: now, ordering: .relaxed).exchanged
        }
    }
}
