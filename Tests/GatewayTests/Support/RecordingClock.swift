import Synchronization

/// A clock whose sleeps are noted and over at once.
final class RecordingClock: Clock, Sendable {
    typealias Instant = ContinuousClock.Instant
    private let noted = Mutex<[Duration]>([])

    var pauses: [Duration] { noted.withLock { $0 } }
    var now: Instant { ContinuousClock().now }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let pause = deadline - now
        noted.withLock { $0.append(.seconds((pause / .milliseconds(1) / 1000).rounded())) }
        await Task.yield()
    }
}
