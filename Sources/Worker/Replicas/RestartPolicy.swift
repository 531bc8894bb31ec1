package import InferenceKeyWire

/// When a replica that failed is tried again.
///
/// | cause | tried again |
/// |---|---|
/// | `bad_command` | never: only another revision can change it |
/// | `model_not_found`, `engine_missing` | every 300 s: somebody may publish the one or install the other |
/// | `no_capacity` | after 30 s, later as seldom as below: memory comes free |
/// | `port_in_use`, with a port of ours | at once with another port, at most three times in a row; then as below |
/// | all others | after 10 s · 2ⁿ, at most 300 s; n starts again after 10 min of being ready |
package struct RestartPolicy: Sendable, Hashable {
    package var firstDelay: Duration
    package var maxDelay: Duration
    /// So long a time of being ready makes earlier failures forgotten.
    package var forgetAfter: Duration
    /// Between two tries of what only changes outside the platform.
    package var outsideDelay: Duration
    /// Between two looks for free memory, at the least.
    package var capacityDelay: Duration
    package var maxPortRetries: Int
    /// From so many failures in a row on, an exit without a better name is a `crash_loop`.
    package var crashLoopFailures: Int

    package init(
        firstDelay: Duration = .seconds(10), maxDelay: Duration = .seconds(300), forgetAfter: Duration = .seconds(600),
        outsideDelay: Duration = .seconds(300), capacityDelay: Duration = .seconds(30), maxPortRetries: Int = 3,
        crashLoopFailures: Int = 3
    ) {
        self.firstDelay = firstDelay
        self.maxDelay = maxDelay
        self.forgetAfter = forgetAfter
        self.outsideDelay = outsideDelay
        self.capacityDelay = capacityDelay
        self.maxPortRetries = maxPortRetries
        self.crashLoopFailures = crashLoopFailures
    }

    /// What to do after a failure.
    package enum Next: Sendable, Hashable {
        case never
        case after(Duration)
        /// Stays `failed`, tried again all the same.
        case seldom(Duration)
    }

    /// - Parameter failures: failures in a row, this one included.
    package func next(after cause: FailureCause, failures: Int) -> Next {
        switch cause {
        case .badCommand: .never
        case .modelNotFound, .engineMissing: .seldom(outsideDelay)
        case .noCapacity: .seldom(max(capacityDelay, delay(failures: failures)))
        default: .after(delay(failures: failures))
        }
    }

    /// `firstDelay · 2ⁿ⁻¹` for the n-th failure in a row, at most `maxDelay`.
    package func delay(failures: Int) -> Duration {
        // Twenty doublings are past any limit; more would overflow.
        min(maxDelay, firstDelay * (1 << min(20, max(0, failures - 1))))
    }
}
