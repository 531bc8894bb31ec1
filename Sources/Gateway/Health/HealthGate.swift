import Synchronization

/// The health of one replica, over all loops. What the hot path asks is one atomic load; the lock is taken only where
/// something is wrong.
final class HealthGate: Sendable {
    private let health = Mutex(ReplicaHealth())
    /// What ``health`` amounts to: 0 when nothing is wrong, 1 after a failure, or the time from which a request may look.
    private let mark = Atomic<Int64>(0)
    /// Answers since the last look in the upper 24 bits, their microseconds in the lower 40.
    private let answers = Atomic<UInt64>(0)

    private static let failing: Int64 = 1

    enum Standing: Sendable, Equatable {
        case serves
        /// Gets nothing.
        case ejected
        /// Would be looked at by the next request.
        case due
    }

    func standing(at now: Int64) -> Standing {
        let mark = mark.load(ordering: .relaxed)
        if mark <= Self.failing { return .serves }
        return now < mark ? .ejected : .due
    }

    var isEjected: Bool { mark.load(ordering: .relaxed) > Self.failing }

    func succeeded(isProbe: Bool, at now: Int64) -> ReplicaHealth.Change? {
        guard mark.load(ordering: .relaxed) != 0 else { return nil }
        return change { $0.succeeded(isProbe: isProbe, at: now) }
    }

    func failed(
        _ cause: ReplicaHealth.Cause, isProbe: Bool, othersServe: Bool, at now: Int64, _ rules: HealthRules
    ) -> ReplicaHealth.Change? {
        change { $0.failed(cause, isProbe: isProbe, othersServe: othersServe, at: now, rules) }
    }

    func isOutlier(othersServe: Bool, at now: Int64, _ rules: HealthRules) -> ReplicaHealth.Change? {
        change { $0.isOutlier(othersServe: othersServe, at: now, rules) }
    }

    func beginProbe(at now: Int64, _ rules: HealthRules) -> Bool { change { $0.beginProbe(at: now, rules) } }

    func endProbe(at now: Int64) { change { $0.endProbe(at: now) } }

    /// Counts the time from a request to the head of its answer.
    func answered(afterNanoseconds time: Int64) {
        let microseconds = UInt64(max(0, min(time / 1000, Self.longestMicroseconds)))
        answers.wrappingAdd(1 << 40 | microseconds, ordering: .relaxed)
    }

    /// The answers since the last call.
    func takeAnswers() -> LatencyOutlier.Sample {
        let sum = answers.exchange(0, ordering: .relaxed)
        return .init(count: Int(sum >> 40), microseconds: Int64(sum & ((1 << 40) - 1)))
    }

    /// A minute: longer ones count as one, so that the sum of a window stays within its bits.
    private static let longestMicroseconds: Int64 = 60_000_000

    private func change<Result: Sendable>(_ event: (inout ReplicaHealth) -> Result) -> Result {
        health.withLock { health in
            let result = event(&health)
            let next: Int64 =
                switch health.stage {
                case .serving(let failures): failures == 0 ? 0 : Self.failing
                case .ejected(let until), .probing(let until): max(until, Self.failing + 1)
                }
            mark.store(next, ordering: .relaxed)
            return result
        }
    }
}
