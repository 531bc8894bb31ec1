import ArgumentParser
import Console

/// Options of a role that serves calls: what it tells of each one.
struct TelemetryOptions: ParsableArguments {
    @Option(help: "A file for one JSON line per call, or - for standard output (IK_ACCESS_LOG; none without it).")
    var accessLog: String?

    @Option(help: "Warn of calls that take longer, with the times of their stages (IK_SLOW_REQUEST_MS).")
    var slowRequestMs: Int?

    @Option(
        help: """
            A collector for spans, OTLP over HTTP, such as http://127.0.0.1:4318 (IK_OTLP_ENDPOINT; else \
            OTEL_EXPORTER_OTLP_ENDPOINT).
            """)
    var otlpEndpoint: String?

    @Option(help: "The share of calls without a traceparent that is traced, 0 to 1 (IK_TRACE_RATIO; 1 without it).")
    var traceRatio: String?

    var typed: [Setting: [String]] {
        [
            .accessLog: accessLog.list, .slowRequestMs: slowRequestMs.map { String($0) }.list,
            .otlpEndpoint: otlpEndpoint.list, .traceRatio: traceRatio.list,
        ]
    }
}
