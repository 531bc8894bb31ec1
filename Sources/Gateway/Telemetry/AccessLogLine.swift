import Fleet
import InferenceKeyWire

/// Writes one line of the access log for each request: a JSON object, without secrets. What is not known of a request is
/// left out of its line.
struct AccessLogLine {
    private(set) var json = JSONText()
    private var second: Int64 = -1
    /// A time of that second; its milliseconds are written anew for each line.
    private var moment: [UInt8] = []

    mutating func write(_ record: RequestRecord) {
        json.beginObject()
        json.member("time", time(record.startedAt))
        json.member("request_id", record.safeID)
        json.member("method", record.method == .other ? "OTHER" : record.method.text)
        if let route = record.route { json.member("route", "/", route.path, route.tailText) }
        if !record.project.isEmpty {
            json.member("project", record.safeProject)
            json.member("workload", record.safeWorkload)
        }
        if !record.model.isEmpty { json.member("model", record.model) }
        if let replica = record.replica { json.member("replica", replica.text) }
        if !record.keyID.isEmpty { json.member("key", "ik_live_", record.keyID, "…") }
        json.member("status", record.status)
        json.member("outcome", record.end.name)
        if let code = record.code { json.member("code", code.rawValue) }
        if record.isStream { json.member("stream", true) }
        json.member("bytes_in", record.bytesIn)
        json.member("bytes_out", record.bytesOut)
        json.member("tokens_in", record.tokensIn)
        json.member("tokens_out", record.tokensOut)
        if record.tokensAreEstimated { json.member("tokens_estimated", true) }
        if let first = record.stages.firstToken { json.member("ttft_ms", milliseconds: first) }
        json.member("duration_ms", milliseconds: record.duration)
        if record.retries > 0 { json.member("retries", record.retries) }
        if let trace = record.trace { json.member("trace_id", hex: trace.traceHigh, trace.traceLow) }
        json.endObject()
        json.endLine()
    }

    /// The lines so far.
    mutating func take() -> [UInt8] { json.take() }

    /// RFC 3339 in UTC with milliseconds.
    private mutating func time(_ nanoseconds: Int64) -> [UInt8] {
        let milliseconds = nanoseconds / 1_000_000
        if milliseconds / 1000 != second || moment.isEmpty {
            second = milliseconds / 1000
            moment = Array(Timestamp(milliseconds: second * 1000).description.utf8)
        }
        let rest = UInt16(truncatingIfNeeded: milliseconds % 1000)
        let end = moment.count - 1
        moment[end - 3] = 0x30 + UInt8(rest / 100)
        moment[end - 2] = 0x30 + UInt8(rest / 10 % 10)
        moment[end - 1] = 0x30 + UInt8(rest % 10)
        return moment
    }
}
