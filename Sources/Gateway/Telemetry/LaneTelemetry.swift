import InferenceKeyWire
import NIOCore

/// One loop's part in logging and tracing: begins the stories of requests, keeps what they became, and hands that over
/// in pieces.
final class LaneTelemetry {
    /// A piece is handed over when it is that long, or at the next sweep.
    static let maxPieceRecords = 256
    /// A longer `tracestate` is not passed on.
    static let maxStateBytes = 4096

    private let queue: RecordQueue
    private let plan: TelemetryPlan
    private var ids: TraceIDs
    private var piece: [RequestRecord] = []

    init(_ plan: TelemetryPlan, queue: RecordQueue, seed: UInt64) {
        self.plan = plan
        self.queue = queue
        ids = TraceIDs(seed: seed)
        piece.reserveCapacity(Self.maxPieceRecords)
    }

    /// - Parameter fields: the request's. Where the Gateway takes part in traces, their headers are marked as dropped:
    ///   it writes its own.
    func begin(
        _ bytes: UnsafeRawBufferPointer, started: NIODeadline, _ fields: inout [FieldSpan]
    ) -> RequestStory {
        let found = TraceFields(bytes, &fields, drops: plan.traces)
        var trace: RequestTrace?
        if let parent = found.parent {
            trace = RequestTrace(after: parent, state: found.state, ids: &ids)
        } else if plan.traces {
            trace = RequestTrace(sampler: plan.sampler, ids: &ids)
        }
        return RequestStory(started: started, trace: trace, writesTrace: plan.traces)
    }

    /// A request is over.
    func end(_ record: consuming RequestRecord) {
        guard plan.keeps(record) else { return }
        record.startedAt = plan.wallNanoseconds() - record.duration
        piece.append(record)
        if piece.count >= Self.maxPieceRecords { handOver() }
    }

    func handOver() {
        guard !piece.isEmpty else { return }
        queue.add(piece)
        piece = []
        piece.reserveCapacity(Self.maxPieceRecords)
    }
}

/// What the trace headers of one request say.
private struct TraceFields {
    /// Nil when there is none that is valid.
    var parent: TraceParent?
    var state: [UInt8] = []

    init(_ bytes: UnsafeRawBufferPointer, _ fields: inout [FieldSpan], drops: Bool) {
        var parents = 0
        for index in fields.indices where fields[index].kind == .endToEnd {
            let name = bytes.part(fields[index].name)
            switch name.count {
            case 11 where name.equalsIgnoringCase("traceparent"):
                parents += 1
                parent = TraceParent(bytes.part(fields[index].value))
            case 10 where name.equalsIgnoringCase("tracestate"):
                if !state.isEmpty { state.append(UInt8(ascii: ",")) }
                state.append(contentsOf: bytes.part(fields[index].value))
            default: continue
            }
            if drops { fields[index].kind = .dropped }
        }
        // Two would leave the caller's span open.
        if parents != 1 { parent = nil }
        let isUsable = state.count <= LaneTelemetry.maxStateBytes && state.withUnsafeBytes { TraceState.isValid($0) }
        if parent == nil || !isUsable { state = [] }
    }
}
