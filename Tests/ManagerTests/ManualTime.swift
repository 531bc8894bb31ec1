import Fleet
import InferenceKeyWire
import Synchronization

/// A time of day that moves only when a test moves it.
final class ManualTime: Sendable {
    private struct Times {
        var now: Timestamp
        var steady: Timestamp
    }

    private let times = Mutex(Times(now: .now, steady: .now))

    func advance(seconds: Int) {
        times.withLock { times in
            times.now = times.now.adding(seconds: seconds)
            times.steady = times.steady.adding(seconds: seconds)
        }
    }

    /// Somebody sets the clock: no time has passed.
    func set(forwardBy seconds: Int) { times.withLock { $0.now = $0.now.adding(seconds: seconds) } }

    var ids: IDSource {
        IDSource(
            now: { [self] in times.withLock { $0.now } }, steadyNow: { [self] in times.withLock { $0.steady } },
            random: IDSource.system.random)
    }
}
