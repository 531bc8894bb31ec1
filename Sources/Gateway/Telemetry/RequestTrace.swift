import NIOCore

/// Where one request stands in its trace.
struct RequestTrace: Sendable, Hashable {
    var traceHigh: UInt64
    var traceLow: UInt64
    /// The caller's span; 0 when the trace begins here.
    var parent: UInt64
    /// The Gateway's own: the request as its caller sees it, and what was asked of the engine.
    var serverSpan: UInt64
    var clientSpan: UInt64
    var isSampled: Bool
    /// The caller's `tracestate`, passed on as it stands; empty when there is none.
    var state: [UInt8] = []

    /// Goes on with a caller's trace.
    init(after parent: TraceParent, state: [UInt8], ids: inout TraceIDs) {
        self.init(
            traceHigh: parent.traceHigh, traceLow: parent.traceLow, parent: parent.span, isSampled: parent.isSampled,
            ids: &ids)
        self.state = state
    }

    /// Begins a trace.
    init(sampler: TraceSampler, ids: inout TraceIDs) {
        let (high, low) = (ids.next(), ids.next())
        self.init(traceHigh: high, traceLow: low, parent: 0, isSampled: sampler.samples(low), ids: &ids)
    }

    private init(traceHigh: UInt64, traceLow: UInt64, parent: UInt64, isSampled: Bool, ids: inout TraceIDs) {
        self.traceHigh = traceHigh
        self.traceLow = traceLow
        self.parent = parent
        self.isSampled = isSampled
        serverSpan = ids.next()
        clientSpan = ids.next()
    }

    /// Writes the header lines an engine is sent, with our span as its parent.
    func writeLines(into out: inout ByteBuffer) {
        out.writeStaticString("traceparent: ")
        TraceParent(traceHigh: traceHigh, traceLow: traceLow, span: clientSpan, isSampled: isSampled).write(into: &out)
        out.writeStaticString("\r\n")
        guard !state.isEmpty else { return }
        out.writeStaticString("tracestate: ")
        out.writeBytes(state)
        out.writeStaticString("\r\n")
    }
}
