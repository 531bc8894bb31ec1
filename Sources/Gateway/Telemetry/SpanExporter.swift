import InferenceKeyWire
import Logging
import Synchronization
import Transport

/// Sends the spans of traced requests to a collector in batches. A collector that is away is tried again after a growing
/// pause; what finds no room meanwhile is dropped and counted.
actor SpanExporter {
    private let collector: OTLPCollector
    private let traces: OTLPTraces
    private let http: HTTPClient
    private let counters: TelemetryCounters
    private let logger: Logger
    private let wake: @Sendable () -> Void
    private var backlog = SpanBacklog()
    private var failures = 0
    private var restsUntil = ContinuousClock.now
    private var isExporting = false

    static let pauses: [Duration] = [.seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(16), .seconds(30)]
    static let maxAnswerBytes = 64 << 10

    /// - Parameter wake: called when there is a whole batch.
    init(
        _ collector: OTLPCollector, scheme: String, counters: TelemetryCounters, logger: Logger,
        wake: @escaping @Sendable () -> Void
    ) {
        self.collector = collector
        traces = OTLPTraces(serviceName: collector.serviceName, attributes: collector.attributes, scheme: scheme)
        http = HTTPClient()
        self.counters = counters
        self.logger = logger
        self.wake = wake
    }

    /// Takes the traced ones of `records`.
    func add(_ records: [RequestRecord]) {
        drop(backlog.add(records.lazy.filter { $0.trace?.isSampled == true }))
        if backlog.hasBatch { wake() }
    }

    /// Sends what waits, unless the collector needs rest.
    func export() async {
        guard !isExporting, ContinuousClock.now >= restsUntil else { return }
        isExporting = true
        defer { isExporting = false }
        while !backlog.isEmpty, await exportBatch(total: .seconds(10)) {}
    }

    /// The last export: what the collector does not take now is lost.
    func finish() async {
        while !backlog.isEmpty, await exportBatch(total: .seconds(2)) {}
        drop(backlog.takeAll())
        await http.shutdown()
    }

    /// Whether the batch was dealt with, so that the next may follow.
    private func exportBatch(total: Duration) async -> Bool {
        let batch = backlog.takeBatch()
        switch await post(traces.export(batch), total: total) {
        case .taken(let rejected):
            let count = batch.reduce(0) { $0 + $1.spanCount }
            let dropped = min(max(0, rejected), count)
            counters.spansExported.wrappingAdd(UInt64(count - dropped), ordering: .relaxed)
            counters.spansDropped.wrappingAdd(UInt64(dropped), ordering: .relaxed)
            if failures > 0 { logger.info("the collector takes spans again") }
            failures = 0
            return true
        case .refused(let status):
            tell("the collector refuses spans", "status \(status)")
            drop(batch)
            rest(for: nil)
            return false
        case .later(let milliseconds):
            drop(backlog.putBack(batch))
            rest(for: milliseconds)
            return false
        }
    }

    private func post(_ body: [UInt8], total: Duration) async -> ExportOutcome {
        let request = HTTPRequest(
            "POST", collector.base, collector.path,
            headers: [HTTPField("content-type", "application/json")] + collector.headers, body: body)
        let timeouts = HTTPTimeouts(connect: .seconds(2), total: total, idle: total)
        do {
            let outcome = ExportOutcome(try await http.send(request, timeouts: timeouts, maxBytes: Self.maxAnswerBytes))
            if case .later = outcome { tell("the collector takes no spans now", "it is busy") }
            return outcome
        } catch {
            tell("the collector cannot be reached", "\(error)")
            return .later(afterMilliseconds: nil)
        }
    }

    private func rest(for milliseconds: Int?) {
        let pause = Self.pauses[min(failures, Self.pauses.count - 1)]
        failures += 1
        restsUntil = .now + (milliseconds.map { .milliseconds($0) } ?? pause)
    }

    /// Said once, not at every try.
    private func tell(_ message: Logger.Message, _ error: String) {
        guard failures == 0 else { return }
        logger.warning(message, metadata: ["collector": "\(collector.base)", "error": "\(error)"])
    }

    private func drop(_ records: [RequestRecord]) {
        let count = records.reduce(0) { $0 + $1.spanCount }
        if count > 0 { counters.spansDropped.wrappingAdd(UInt64(count), ordering: .relaxed) }
    }
}
