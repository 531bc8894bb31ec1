import Fleet
import InferenceKeyWire
import Logging
import Testing

@testable import Gateway

@Suite("access log lines")
struct AccessLogLineTests {
    private func line(_ change: (inout RequestRecord) -> Void = { _ in }) -> String {
        var record = RequestRecord.sample
        change(&record)
        var lines = AccessLogLine()
        lines.write(record)
        return String(decoding: lines.take(), as: UTF8.self)
    }

    @Test("a line says all that is known of a request, in a fixed order")
    func whole() {
        #expect(
            line()
                == #"{"time":"2026-11-24T08:00:00.123Z","request_id":"req_0123456789abcdef01234567","method":"POST","#
                + #""route":"/v1/chat/completions","project":"acme","workload":"chat","model":"tiny","replica":"rp_1","#
                + #""key":"ik_live_0a1b2c3d…","status":200,"outcome":"finished","stream":true,"bytes_in":61,"#
                + #""bytes_out":500,"tokens_in":7,"tokens_out":21,"ttft_ms":53.000,"duration_ms":250.000,"#
                + #""trace_id":"000000000000000a000000000000000b"}"# + "\n")
    }

    @Test("what is not known is left out")
    func bare() throws {
        var record = RequestRecord()
        record.id = "req_0123456789abcdef01234567"
        record.status = 401
        record.end = .refused
        record.code = .invalidCredentials
        var lines = AccessLogLine()
        lines.write(record)
        let json = try JSONValue(parsing: lines.take())
        #expect(json["status"]?.intValue == 401)
        #expect(json["outcome"]?.stringValue == "refused")
        #expect(json["code"]?.stringValue == "invalid_credentials")
        for name in ["route", "project", "workload", "model", "replica", "key", "ttft_ms", "trace_id", "stream"] {
            #expect(json[name] == nil, "\(name)")
        }
    }

    @Test("a secret that a caller put into a name of its own is scrubbed")
    func scrubbed() {
        let secret = Rig.key.revealed
        let text = line {
            $0.id = "mine-\(secret)"
            $0.hasEndpoint = false
            $0.project = "hf_abcdefghijklmnopqrstuvwx"
            $0.workload = "sk-abcdefghijklmnopqrstuvwx"
        }
        #expect(!text.contains(secret.suffix(64)))
        #expect(text.contains(#""request_id":"mine-ik_live_0a1b2c3d…""#))
        #expect(text.contains(#""project":"hf_…","workload":"sk-…""#))
    }

    @Test("whatever a model is called, a line is JSON on one line")
    func escaped() throws {
        let name = "a\"b\\c\nd\u{1}é"
        let text = line { $0.model = Array(name.utf8) }
        #expect(text.split(separator: "\n").count == 1)
        #expect(try JSONValue(parsing: Array(text.utf8))["model"]?.stringValue == name)
    }

    @Test("times carry on over the second, and numbers of any size are whole")
    func times() throws {
        var lines = AccessLogLine()
        var record = RequestRecord.sample
        for (nanoseconds, duration) in [(0, 0), (999_000_000, 1_234_567), (1_000_000_000, 60_000_000_000)] {
            record.startedAt = Int64(nanoseconds)
            record.duration = Int64(duration)
            lines.write(record)
        }
        let found = try String(decoding: lines.take(), as: UTF8.self).split(separator: "\n").map {
            let json = try JSONValue(parsing: Array($0.utf8))
            return "\(json["time"]?.stringValue ?? "") \(json["duration_ms"]?.doubleValue ?? -1)"
        }
        #expect(
            found == [
                "1970-01-01T00:00:00.000Z 0.0", "1970-01-01T00:00:00.999Z 1.234", "1970-01-01T00:00:01.000Z 60000.0",
            ])
    }

    @Test("a slow request is told with the times of its stages")
    func slow() {
        var record = RequestRecord.sample
        record.retries = 1
        let metadata = SlowRequest.metadata(record)
        let wanted = [
            "request_id": "req_0123456789abcdef01234567", "workload": "chat", "replica": "rp_1", "duration_ms": "250",
            "body_ms": "1", "chosen_ms": "2", "sent_ms": "3", "answered_ms": "50", "ttft_ms": "53", "retries": "1",
            "route": "/v1/chat/completions", "outcome": "finished",
        ]
        for (key, value) in wanted { #expect(metadata[key] == .string(value), "\(key)") }
    }
}
