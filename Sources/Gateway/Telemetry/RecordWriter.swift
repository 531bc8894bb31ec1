import Files
import Logging
import NIOPosix
import Synchronization

/// Takes the records the loops have handed over to the access log, the slow-request log and the exporter.
actor RecordWriter {
    private let queue: RecordQueue
    private let file: AccessLogFile?
    private let spans: SpanExporter?
    private let slowNanoseconds: Int64
    private let counters: TelemetryCounters
    private let logger: Logger
    private var lines = AccessLogLine()
    private var isFailing = false

    init(
        queue: RecordQueue, file: AccessLogFile?, spans: SpanExporter?, slowNanoseconds: Int64,
        counters: TelemetryCounters, logger: Logger
    ) {
        self.queue = queue
        self.file = file
        self.spans = spans
        self.slowNanoseconds = slowNanoseconds
        self.counters = counters
        self.logger = logger
    }

    /// Writes all there is.
    func write() async {
        let (pieces, dropped) = queue.take()
        if dropped > 0 { tellDropped(dropped) }
        for piece in pieces {
            warn(of: piece)
            await spans?.add(piece)
        }
        await append(pieces)
    }

    private func append(_ pieces: [[RequestRecord]]) async {
        guard let file else { return }
        var count: UInt64 = 0
        for piece in pieces {
            for record in piece { lines.write(record) }
            count += UInt64(piece.count)
        }
        let bytes = lines.take()
        do {
            // Also without lines: the file may have to be opened anew.
            try await Self.append(bytes, to: file)
            counters.linesWritten.wrappingAdd(count, ordering: .relaxed)
            if isFailing { logger.info("the access log is written again") }
            isFailing = false
        } catch {
            counters.linesDropped.wrappingAdd(count, ordering: .relaxed)
            if !isFailing { logger.error("the access log cannot be written", metadata: ["error": "\(error)"]) }
            isFailing = true
        }
    }

    /// On a thread that may be held up, and also for a task that is cancelled: the last lines are written, too.
    private static func append(_ bytes: [UInt8], to file: AccessLogFile) async throws {
        let result = await withCheckedContinuation { continuation in
            NIOThreadPool.singleton.submit { _ in
                continuation.resume(returning: Result { () throws(FileError) in try file.append(bytes) })
            }
        }
        try result.get()
    }

    private func tellDropped(_ count: Int) {
        if file != nil { counters.linesDropped.wrappingAdd(UInt64(count), ordering: .relaxed) }
        logger.warning(
            "requests went unlogged: they ended faster than they could be written", metadata: ["count": "\(count)"])
    }

    private func warn(of piece: [RequestRecord]) {
        var more = 0
        var warnings = 0
        for record in piece where record.duration >= slowNanoseconds {
            if warnings == SlowRequest.maxWarnings {
                more += 1
            } else {
                warnings += 1
                logger.warning(SlowRequest.message, metadata: SlowRequest.metadata(record))
            }
        }
        if more > 0 { logger.warning("more slow requests", metadata: ["count": "\(more)"]) }
    }
}
