import InferenceKeyWire
import NIOCore

/// What is noted of one request while it is under way; there is none when nothing is logged or traced.
final class RequestStory {
    var record = RequestRecord()
    private let started: NIODeadline
    /// The request's trace headers are ours.
    private let writesTrace: Bool

    init(started: NIODeadline, trace: RequestTrace?, writesTrace: Bool) {
        self.started = started
        self.writesTrace = writesTrace
        record.trace = trace
    }

    /// Where the request wants to go, whether or not there is such a place.
    func asks(for target: EndpointTarget, _ bytes: UnsafeRawBufferPointer) {
        record.project = String(decoding: bytes.part(target.project), as: UTF8.self)
        record.workload = String(decoding: bytes.part(target.workload), as: UTF8.self)
    }

    func takes(_ route: DataRoute) { record.route = route }

    /// Writes the header lines an engine is sent of the trace.
    func writeTrace(into out: inout ByteBuffer) { if writesTrace { record.trace?.writeLines(into: &out) } }

    /// The body is read.
    func isRead() { if record.stages.bodyRead == nil { record.stages.bodyRead = elapsed } }

    /// A replica was chosen, the first time or again.
    func goes(to replica: Replica) {
        if record.stages.chosen == nil { record.stages.chosen = elapsed } else { record.retries += 1 }
        record.replica = replica.id
        record.engine = replica.address
    }

    func answered() { record.stages.answered = elapsed }

    func isRefused(_ code: ErrorCode) { record.code = code }

    func since(_ time: NIODeadline) -> Int64 { (time - started).nanoseconds }

    private var elapsed: Int64 { since(.now()) }
}
