import Fleet
import InferenceKeyWire
import Synchronization

/// A time of day that moves only when a test moves it.
final class ManualTime: Sendable {
    private let time = Mutex(Timestamp.now)

    func advance(seconds: Int) { time.withLock { $0 = $0.adding(seconds: seconds) } }

    var ids: IDSource {
        IDSource(now: { [self] in time.withLock { $0 } }, random: IDSource.system.random)
    }
}
