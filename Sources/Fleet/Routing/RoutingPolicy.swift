/// How a Gateway chooses the replica for a request.
package enum RoutingPolicy: String, Sendable, Hashable, CaseIterable {
    /// The replica with the fewest open requests.
    case leastInflight = "least_inflight"
    /// Each replica in its turn.
    case roundRobin = "round_robin"
    /// The replica that has read the same beginning before, as far as its load allows.
    case prefix
    /// The same replica for the same session, as far as its load allows.
    case session
}
