import Fleet
import InferenceKeyWire

/// Writes traced requests as an export of OTLP/HTTP in its JSON form: ids in hexadecimal, 64-bit numbers as strings.
struct OTLPTraces {
    let serviceName: String
    let attributes: [(key: String, value: String)]
    /// `http` or `https`, as clients speak to the Gateway.
    let scheme: String

    private static let server = 2
    private static let client = 3
    private static let error = 2
    /// No convention names what stands behind a Gateway of ours.
    private static let provider: StaticString = "inferencekey"

    func export(_ records: [RequestRecord]) -> [UInt8] {
        var json = JSONText()
        json.reserve(2048 * records.count)
        json.beginObject()
        json.beginArray("resourceSpans")
        json.beginObject()
        writeResource(to: &json)
        json.beginArray("scopeSpans")
        json.beginObject()
        json.beginObject("scope")
        json.member("name", "inferencekey.gateway" as StaticString)
        json.endObject()
        json.beginArray("spans")
        for record in records {
            guard let trace = record.trace else { continue }
            writeServerSpan(record, trace, to: &json)
            if record.stages.chosen != nil { writeClientSpan(record, trace, to: &json) }
        }
        json.endArray()
        json.endObject()
        json.endArray()
        json.endObject()
        json.endArray()
        json.endObject()
        return json.take()
    }

    private func writeResource(to json: inout JSONText) {
        json.beginObject("resource")
        json.beginArray("attributes")
        json.attribute("service.name", serviceName)
        for (key, value) in attributes where key != "service.name" { json.attribute(named: key, value) }
        json.endArray()
        json.endObject()
    }

    private func writeServerSpan(_ record: RequestRecord, _ trace: RequestTrace, to json: inout JSONText) {
        let method = record.method == .other ? "_OTHER" : "\(record.method.text)"
        let route = record.route.map { "/endpoint/{project}/{workload}\($0.template)" }
        json.beginObject()
        writeIDs(trace, span: trace.serverSpan, parent: trace.parent, to: &json)
        json.member("name", route.map { "\(method) \($0)" } ?? method)
        json.member("kind", Self.server)
        writeTimes(record, from: 0, to: &json)
        json.beginArray("attributes")
        json.attribute("http.request.method", method)
        json.attribute("url.scheme", scheme)
        if let route { json.attribute("http.route", route) }
        if record.status > 0 { json.attribute("http.response.status_code", record.status) }
        json.attribute("http.request.body.size", record.bytesIn)
        json.attribute("http.response.size", record.bytesOut)
        json.attribute("inferencekey.request_id", record.safeID)
        if !record.project.isEmpty {
            json.attribute("inferencekey.project", record.safeProject)
            json.attribute("inferencekey.workload", record.safeWorkload)
        }
        if let key = record.shownKey { json.attribute("inferencekey.key", key) }
        json.attribute("inferencekey.outcome", "\(record.end.name)")
        // What a caller did wrong is no error of the server.
        let isError = record.end == .cut || record.status >= 500
        if isError, let type = record.errorType { json.attribute("error.type", type) }
        json.endArray()
        writeStatus(isError: isError, to: &json)
        json.endObject()
    }

    private func writeClientSpan(_ record: RequestRecord, _ trace: RequestTrace, to json: inout JSONText) {
        let model = String(decoding: record.model, as: UTF8.self)
        let operation = record.route?.operation
        json.beginObject()
        writeIDs(trace, span: trace.clientSpan, parent: trace.serverSpan, to: &json)
        json.member("name", operation.map { "\($0) \(model)" } ?? "\(record.method.text)")
        json.member("kind", Self.client)
        writeTimes(record, from: record.stages.chosen ?? 0, to: &json)
        json.beginArray("attributes")
        if let operation {
            json.attribute("gen_ai.operation.name", "\(operation)")
            json.attribute("gen_ai.provider.name", "\(Self.provider)")
            json.attribute("gen_ai.request.model", model)
            json.attribute("gen_ai.request.stream", record.isStream)
            if record.end == .finished { json.attribute("gen_ai.response.model", model) }
            if record.tokensIn > 0 { json.attribute("gen_ai.usage.input_tokens", record.tokensIn) }
            if record.tokensOut > 0 { json.attribute("gen_ai.usage.output_tokens", record.tokensOut) }
            if let first = record.stages.firstChunk, let sent = record.stages.sent {
                json.attribute("gen_ai.response.time_to_first_chunk", Double(first - sent) / 1e9)
            }
        }
        json.attribute("http.request.method", "\(record.method.text)")
        if let engine = record.engine {
            json.attribute("server.address", engine.host)
            json.attribute("server.port", engine.port)
        }
        if record.stages.answered != nil { json.attribute("http.response.status_code", record.status) }
        if record.retries > 0 { json.attribute("http.request.resend_count", record.retries) }
        if let replica = record.replica { json.attribute("inferencekey.replica", replica.text) }
        if let type = record.errorType { json.attribute("error.type", type) }
        json.endArray()
        writeStatus(isError: record.errorType != nil, to: &json)
        json.endObject()
    }

    private func writeIDs(_ trace: RequestTrace, span: UInt64, parent: UInt64, to json: inout JSONText) {
        json.member("traceId", hex: trace.traceHigh, trace.traceLow)
        json.member("spanId", hex: span)
        if parent != 0 { json.member("parentSpanId", hex: parent) }
        if !trace.state.isEmpty { json.member("traceState", trace.state) }
    }

    private func writeTimes(_ record: RequestRecord, from offset: Int64, to json: inout JSONText) {
        json.member("startTimeUnixNano", quoting: record.startedAt + offset)
        json.member("endTimeUnixNano", quoting: record.startedAt + record.duration)
    }

    private func writeStatus(isError: Bool, to json: inout JSONText) {
        guard isError else { return }
        json.beginObject("status")
        json.member("code", Self.error)
        json.endObject()
    }
}

extension JSONText {
    fileprivate mutating func attribute(_ key: StaticString, _ value: String) {
        attribute(key) { $0.member("stringValue", value) }
    }

    fileprivate mutating func attribute(_ key: StaticString, _ value: Int) {
        attribute(key) { $0.member("intValue", quoting: Int64(value)) }
    }

    fileprivate mutating func attribute(_ key: StaticString, _ value: Bool) {
        attribute(key) { $0.member("boolValue", value) }
    }

    fileprivate mutating func attribute(_ key: StaticString, _ value: Double) {
        attribute(key) { $0.member("doubleValue", value) }
    }

    /// One whose key somebody else has chosen.
    fileprivate mutating func attribute(named key: String, _ value: String) {
        beginObject()
        member("key", key)
        beginObject("value")
        member("stringValue", value)
        endObject()
        endObject()
    }

    private mutating func attribute(_ key: StaticString, _ write: (inout JSONText) -> Void) {
        beginObject()
        member("key", key)
        beginObject("value")
        write(&self)
        endObject()
        endObject()
    }
}
