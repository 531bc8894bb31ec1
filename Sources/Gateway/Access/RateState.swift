import Fleet

/// Where a key or a workload stands with its limits, for the `x-ratelimit` headers.
struct RateState: Sendable, Equatable {
    enum Limit: Sendable, Hashable {
        case requests, tokens, concurrency
    }

    enum Owner: Sendable, Hashable {
        case key, workload
    }

    var limits: KeyLimits
    var owner = Owner.key
    var resetMilliseconds: Int
    var remainingRequests = 0
    var remainingTokens = 0
    var refusedBy: Limit?
}

extension RateState {
    /// Both together: of each limit the one that is closer.
    func tightened(by other: RateState) -> RateState {
        var both = self
        if let limit = other.limits.requestsPerMinute,
            limits.requestsPerMinute == nil || other.remainingRequests < remainingRequests
        {
            both.limits.requestsPerMinute = limit
            both.remainingRequests = other.remainingRequests
        }
        if let limit = other.limits.tokensPerMinute,
            limits.tokensPerMinute == nil || other.remainingTokens < remainingTokens
        {
            both.limits.tokensPerMinute = limit
            both.remainingTokens = other.remainingTokens
        }
        return both
    }
}
