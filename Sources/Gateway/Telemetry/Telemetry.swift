import Files
import Logging

/// Log lines and spans of one Gateway: what the loops hand over is written and sent from here, off the loops.
final class Telemetry: Sendable {
    let plan: TelemetryPlan
    let queue: RecordQueue
    let counters = TelemetryCounters()
    private let file: AccessLogFile?
    private let spans: SpanExporter?
    private let writer: RecordWriter
    private let handedOver: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation
    private let batches: AsyncStream<Void>
    private let batchSignal: AsyncStream<Void>.Continuation
    private let interval: Duration

    /// Nil where nothing is to be told. Throws when the access log cannot be opened.
    init?(_ configuration: TelemetryConfiguration, scheme: String, logger: Logger) throws(FileError) {
        guard !configuration.isOff else { return nil }
        (handedOver, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        (batches, batchSignal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        plan = TelemetryPlan(configuration)
        interval = configuration.traces?.interval ?? .seconds(1)
        queue = RecordQueue { [signal] in signal.yield() }
        file =
            if let target = configuration.accessLog { try AccessLogFile(target) } else { nil }
        spans = configuration.traces.map { [counters, batchSignal] traces in
            SpanExporter(traces.collector, scheme: scheme, counters: counters, logger: logger) { batchSignal.yield() }
        }
        writer = RecordWriter(
            queue: queue, file: file, spans: spans, slowNanoseconds: plan.slowNanoseconds, counters: counters,
            logger: logger)
    }

    /// Opens the access log anew, for whoever has moved it away.
    func reopen() {
        file?.reopen()
        signal.yield()
    }

    /// Runs until it is cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { for await _ in self.handedOver { await self.writer.write() } }
            guard let spans else { return }
            tasks.addTask { for await _ in self.batches { await spans.export() } }
            tasks.addTask {
                while !Task.isCancelled {
                    try? await Task.sleep(for: self.interval)
                    self.batchSignal.yield()
                }
            }
        }
    }

    /// Writes and sends what is left, once the loops have handed over the last.
    func finish() async {
        await writer.write()
        await spans?.finish()
    }
}
