import Fleet
import NIOCore

@testable import Gateway

extension RequestRecord {
    /// A streamed chat call that went well, and is traced.
    static var sample: RequestRecord {
        var ids = TraceIDs(seed: 1)
        var record = RequestRecord()
        record.startedAt = 1_795_507_200_123_456_789
        record.duration = 250_000_000
        record.stages = RequestStages(
            bodyRead: 1_000_000, chosen: 2_000_000, sent: 3_000_000, answered: 50_000_000, firstChunk: 52_000_000,
            firstToken: 53_000_000)
        record.id = "req_0123456789abcdef01234567"
        record.method = .post
        record.route = DataRoute.all.first
        record.project = "acme"
        record.workload = "chat"
        record.hasEndpoint = true
        record.model = Array("tiny".utf8)
        record.replica = ID("rp_1")
        record.engine = Address(host: "127.0.0.1", port: 9000)
        record.keyID = "0a1b2c3d"
        record.status = 200
        record.isStream = true
        record.bytesIn = 61
        record.bytesOut = 500
        record.tokensIn = 7
        record.tokensOut = 21
        let parent = TraceParent(traceHigh: 0xa, traceLow: 0xb, span: 0xc, isSampled: true)
        record.trace = RequestTrace(after: parent, state: Array("foo=1".utf8), ids: &ids)
        return record
    }
}
