import Fleet
import Synchronization

/// Counts the requests and tokens of one key, or of one workload, in the current minute and the open requests, over all
/// loops of this process.
///
/// A minute is one of the wall clock: a limit may be used up at the end of one and again at the start of the next.
/// Tokens are known only when an answer is over, so the one request that passes the limit is let pass.
final class KeyMeter: Sendable {
    /// Minute in the upper half, count in the lower.
    private let requests = Atomic<UInt64>(0)
    private let tokens = Atomic<UInt64>(0)
    private let open = Atomic<Int>(0)

    /// Counts a request in, or says which limit refuses it. A request let in must ``leave(tokens:milliseconds:)``.
    func enter(_ limits: KeyLimits, of owner: RateState.Owner = .key, milliseconds: Int64) -> RateState {
        let minute = UInt64(milliseconds / 60_000)
        var state = RateState(
            limits: limits, owner: owner, resetMilliseconds: Int(60_000 - milliseconds % 60_000))
        if let limit = limits.tokensPerMinute {
            state.remainingTokens = max(0, limit - Self.count(tokens, minute))
            if state.remainingTokens == 0 { state.refusedBy = .tokens }
        }
        if let limit = limits.requestsPerMinute {
            state.remainingRequests = max(0, limit - Self.count(requests, minute))
            if state.remainingRequests == 0 { state.refusedBy = .requests }
        }
        guard state.refusedBy == nil else { return state }
        let nowOpen = open.wrappingAdd(1, ordering: .relaxed).newValue
        if let limit = limits.concurrency, nowOpen > limit {
            open.wrappingSubtract(1, ordering: .relaxed)
            state.refusedBy = .concurrency
            return state
        }
        guard let limit = limits.requestsPerMinute else { return state }
        let used = Self.add(1, to: requests, minute)
        state.remainingRequests = max(0, limit - used)
        // Another loop took the last one since we looked.
        if used > limit {
            open.wrappingSubtract(1, ordering: .relaxed)
            state.refusedBy = .requests
        }
        return state
    }

    func leave(tokens used: Int, milliseconds: Int64) {
        open.wrappingSubtract(1, ordering: .relaxed)
        if used > 0 { _ = Self.add(used, to: tokens, UInt64(milliseconds / 60_000)) }
    }

    /// A request that was let in here was refused elsewhere: as if it had not come.
    func takeBack(milliseconds: Int64) {
        open.wrappingSubtract(1, ordering: .relaxed)
        _ = Self.add(-1, to: requests, UInt64(milliseconds / 60_000))
    }

    /// The minute to count in. A loop's clock may be a little behind that of the loop that counted last, at the turn of a
    /// minute too: what that one has begun is not begun anew.
    private static func mark(_ minute: UInt64, in value: UInt64) -> UInt64 {
        let ours = minute & 0xFFFF_FFFF
        return value >> 32 == ours + 1 ? ours + 1 : ours
    }

    private static func count(_ counter: borrowing Atomic<UInt64>, _ minute: UInt64) -> Int {
        let value = counter.load(ordering: .relaxed)
        return value >> 32 == mark(minute, in: value) ? Int(value & 0xFFFF_FFFF) : 0
    }

    private static func add(_ amount: Int, to counter: borrowing Atomic<UInt64>, _ minute: UInt64) -> Int {
        var value = counter.load(ordering: .relaxed)
        while true {
            let mark = Self.mark(minute, in: value)
            let count = value >> 32 == mark ? value & 0xFFFF_FFFF : 0
            let next = UInt64(min(max(Int(count) + amount, 0), 0xFFFF_FFFF))
            let (exchanged, original) = counter.compareExchange(
                expected: value, desired: mark << 32 | next, ordering: .relaxed)
            if exchanged { return Int(next) }
            value = original
        }
    }
}
