/// When a ready engine counts as lost.
package struct HealthLimits: Sendable, Hashable {
    /// Between two questions.
    package var interval: Duration
    /// So many unanswered questions in a row end it. An engine's own time limit comes on top of each.
    package var maxFailures: Int
    /// With requests running, so long without progress by its own counters ends it.
    package var maxStandstill: Duration
    /// A start without any output or progress for so long is given up.
    package var maxStartSilence: Duration
    /// Without progress for so long a step is shown as stalled.
    package var stalledAfter: Duration

    package init(
        interval: Duration = .seconds(5), maxFailures: Int = 6, maxStandstill: Duration = .seconds(300),
        maxStartSilence: Duration = .seconds(1800), stalledAfter: Duration = .seconds(60)
    ) {
        self.interval = interval
        self.maxFailures = maxFailures
        self.maxStandstill = maxStandstill
        self.maxStartSilence = maxStartSilence
        self.stalledAfter = stalledAfter
    }
}
