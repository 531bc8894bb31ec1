import Transport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Time and chance, given from outside so that tests decide both.
package struct ClientTime: Sendable {
    /// Monotonic; only differences mean something.
    package var now: @Sendable () -> Duration
    package var sleep: @Sendable (Duration) async throws -> Void
    /// From 0 up to, but not including, 1.
    package var jitter: @Sendable () -> Double
    package var date: @Sendable () -> Timestamp

    package init(
        now: @escaping @Sendable () -> Duration, sleep: @escaping @Sendable (Duration) async throws -> Void,
        jitter: @escaping @Sendable () -> Double, date: @escaping @Sendable () -> Timestamp
    ) {
        self.now = now
        self.sleep = sleep
        self.jitter = jitter
        self.date = date
    }

    /// The clock of this machine.
    package static let system: ClientTime = {
        let start = ContinuousClock.now
        return ClientTime(
            now: { ContinuousClock.now - start }, sleep: { try await pause(for: $0) },
            jitter: { Double.random(in: 0..<1) }, date: { wallClock() })
    }()

    private static func pause(for duration: Duration) async throws {
        guard let loop = CallerLoop.current else { return try await Task.sleep(for: duration) }
        try await loop.sleep(for: duration)
    }

    private static func wallClock() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
