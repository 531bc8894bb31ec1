/// Tells a hung engine from a busy one, by what was seen of it.
///
/// It is dead when it did not answer for a number of questions in a row while its counters stood still too, and hung
/// when it answers, has requests running, and its counters have not moved for a long time. An engine that is merely
/// slow to answer but gets on with its work lives.
package struct EnginePulse: Sendable, Hashable {
    private let limits: HealthLimits
    private var failures = 0
    private var progress: Double?
    private var standstill = Duration.zero
    private var sinceActivity = Duration.zero

    package init(limits: HealthLimits) { self.limits = limits }

    /// Takes one observation, `elapsed` after the last. `activity` is nil when it was not asked for or not known. Gives
    /// why the engine should be restarted, or nil.
    package mutating func observe(isHealthy: Bool, activity: EngineActivity?, elapsed: Duration) -> String? {
        sinceActivity += elapsed
        var moved = false
        if let activity {
            moved = activity.progress != progress
            progress = activity.progress
            standstill = activity.running > 0 && !moved ? standstill + sinceActivity : .zero
            sinceActivity = .zero
        }
        failures = isHealthy || moved ? 0 : failures + 1
        if failures >= limits.maxFailures {
            return "did not answer its health check \(failures) times in a row"
        }
        if standstill >= limits.maxStandstill {
            return "has requests running and made no progress for \(standstill.components.seconds) s"
        }
        return nil
    }
}
