/// Whether a replica gets requests, judged by how it answered the last ones. Pure: the time, in milliseconds of a clock
/// that never goes back, comes in with each event.
///
/// ```
///           failures in a row, unreachable, outlier         time is over: one request
/// serving ───────────────────────────────────────▶ ejected ──────────────────────────▶ probing
///    ▲                                                ▲  ▲                              │ │ │
///    │                                                │  └── it ended without a verdict ┘ │ │
///    │                                                └── it failed: twice as long ────────┘ │
///    └──────────────────────────── it was answered ─────────────────────────────────────────┘
/// ```
/// What earlier requests meet while it is ejected says nothing new.
struct ReplicaHealth: Sendable, Equatable {
    enum Stage: Sendable, Equatable {
        case serving(failures: Int)
        case ejected(until: Int64)
        /// From then on another request may look as well: answers can take minutes.
        case probing(until: Int64)
    }

    enum Cause: String, Sendable, Hashable {
        case unreachable, failures, latency, probe
    }

    /// What the one who told it should say to others.
    enum Change: Sendable, Equatable {
        case ejected(milliseconds: Int64, Cause)
        case readmitted
    }

    private(set) var stage = Stage.serving(failures: 0)
    /// Ejections without a long time of service between them.
    private(set) var level = 0
    private var servingSince: Int64 = 0

    /// A request was answered, with less than 500.
    mutating func succeeded(isProbe: Bool, at now: Int64) -> Change? {
        switch stage {
        case .serving:
            stage = .serving(failures: 0)
            return nil
        case .probing where isProbe:
            stage = .serving(failures: 0)
            servingSince = now
            return .readmitted
        case .probing, .ejected: return nil
        }
    }

    /// A request was let down.
    ///
    /// - Parameter othersServe: whether another replica would take the requests; the last one is never ejected.
    mutating func failed(
        _ cause: Cause, isProbe: Bool, othersServe: Bool, at now: Int64, _ rules: HealthRules
    ) -> Change? {
        switch stage {
        case .serving(let failures):
            let count = cause == .failures ? min(failures + 1, rules.failuresInARow) : rules.failuresInARow
            stage = .serving(failures: count)
            return count >= rules.failuresInARow && othersServe ? eject(cause, at: now, rules) : nil
        case .probing where isProbe: return eject(.probe, at: now, rules)
        case .probing, .ejected: return nil
        }
    }

    /// It is far slower than the others.
    mutating func isOutlier(othersServe: Bool, at now: Int64, _ rules: HealthRules) -> Change? {
        guard case .serving = stage, othersServe else { return nil }
        return eject(.latency, at: now, rules)
    }

    /// Takes the one request that looks how it is; false when it is not time, or another request looks already.
    mutating func beginProbe(at now: Int64, _ rules: HealthRules) -> Bool {
        switch stage {
        case .ejected(let until) where now >= until, .probing(let until) where now >= until:
            stage = .probing(until: now + rules.probeMilliseconds)
            return true
        case .serving, .ejected, .probing: return false
        }
    }

    /// The looking request ended without a verdict: the next one may look.
    mutating func endProbe(at now: Int64) {
        if case .probing = stage { stage = .ejected(until: now) }
    }

    private mutating func eject(_ cause: Cause, at now: Int64, _ rules: HealthRules) -> Change {
        if case .serving = stage, now - servingSince >= rules.forgetAfterMilliseconds { level = 0 }
        let time = rules.ejectionMilliseconds(after: level)
        level += 1
        stage = .ejected(until: now + time)
        return .ejected(milliseconds: time, cause)
    }
}
