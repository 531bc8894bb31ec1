import Synchronization

/// What became of log lines and spans, over all loops.
final class TelemetryCounters: Sendable {
    let linesWritten = Atomic<UInt64>(0)
    let linesDropped = Atomic<UInt64>(0)
    let spansExported = Atomic<UInt64>(0)
    let spansDropped = Atomic<UInt64>(0)

    var figures: TelemetryFigures {
        TelemetryFigures(
            linesWritten: linesWritten.load(ordering: .relaxed), linesDropped: linesDropped.load(ordering: .relaxed),
            spansExported: spansExported.load(ordering: .relaxed), spansDropped: spansDropped.load(ordering: .relaxed))
    }
}

/// ``TelemetryCounters`` at one moment.
struct TelemetryFigures: Sendable, Equatable {
    var linesWritten: UInt64 = 0
    var linesDropped: UInt64 = 0
    var spansExported: UInt64 = 0
    var spansDropped: UInt64 = 0

    func write(to out: inout MetricsText) {
        out.single("access_log_lines_total", .counter, "Lines written to the access log.", linesWritten)
        out.single("access_log_dropped_total", .counter, "Requests whose log line was lost.", linesDropped)
        out.single("spans_exported_total", .counter, "Spans a collector has taken.", spansExported)
        out.single("spans_dropped_total", .counter, "Spans that were lost.", spansDropped)
    }
}
