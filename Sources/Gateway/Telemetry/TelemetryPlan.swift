#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What the loops must know of ``TelemetryConfiguration``.
struct TelemetryPlan: Sendable {
    var logs: Bool
    var traces: Bool
    var sampler: TraceSampler
    /// Longer than any request where none is slow.
    var slowNanoseconds: Int64
    var wallNanoseconds: @Sendable () -> Int64 = Self.clock

    init(_ configuration: TelemetryConfiguration) {
        logs = configuration.accessLog != nil
        traces = configuration.traces != nil
        sampler = TraceSampler(ratio: configuration.traces?.ratio ?? 0)
        slowNanoseconds = configuration.slowRequestMilliseconds.map { Int64($0) * 1_000_000 } ?? .max
    }

    /// Whether anybody wants to know of it.
    func keeps(_ record: borrowing RequestRecord) -> Bool {
        logs || record.duration >= slowNanoseconds || traces && record.trace?.isSampled == true
    }

    @Sendable
    private static func clock() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
