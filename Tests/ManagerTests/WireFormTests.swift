import Fleet
import InferenceKeyWire
import Testing
import Transport

@testable import Manager

@Suite("Answers on the wire")
struct WireFormTests {
    private static let longName = String(repeating: "a", count: 2000)

    @Test(
        "everything that goes wrong is JSON with a request id",
        arguments: [
            ("GET", "/", 404, "not_found"), ("GET", "/nowhere/at/all", 404, "not_found"),
            ("GET", "/api/workloads/%2e%2e", 404, "not_found"), ("GET", "/api//workloads/x", 404, "not_found"),
            ("GET", "/api/workloads/a%2Fb", 404, "not_found"), ("GET", "/healthz/", 404, "not_found"),
            ("GET", "/api/workloads/%zz", 404, "not_found"), ("GET", "/api/\(longName)", 404, "not_found"),
            ("PUT", "/api/workloads/x", 405, "method_not_allowed"), ("OPTIONS", "/healthz", 405, "method_not_allowed"),
            ("POST", "/healthz", 405, "method_not_allowed"),
        ] as [(String, String, Int, String)])
    func errors(_ method: String, _ path: String, _ status: Int, _ code: String) async throws {
        try await ManagerHouse.open { house in
            let answer = try await house.send(method, path)
            #expect(answer.status == status && answer.error == code, "\(answer.json.text)")
            #expect(answer.head["content-type"] == "application/json")
            #expect(answer["request_id"]?.stringValue == answer.head["x-request-id"])
            #expect(answer["message"]?.stringValue?.isEmpty == false)
            if status == 405 { #expect(answer.head["allow"] != nil) }
        }
    }

    @Test("a body that is no JSON object, too large, or of another type is refused, and the connection lives")
    func bodies() async throws {
        try await ManagerHouse.open { house in
            try await house.makeProject()
            let token = try await house.makeToken()
            let path = "/api/projects/acme/workloads"
            func post(_ text: String, type: String = "application/json") async throws -> HouseAnswer {
                try await house.send(
                    "POST", path, as: token, headers: [HTTPField("content-type", type)], raw: Array(text.utf8))
            }
            let broken = try await post("{\"name\": }")
            #expect(broken.status == 400 && broken["fields"]?["body"] != nil)
            #expect(broken["message"]?.stringValue?.contains("byte 9") == true)
            #expect(try await post("").error == "invalid_request")
            #expect(try await post("[]")["fields"]?["body"]?.stringValue?.contains("an array") == true)
            #expect(try await post("{\"name\":1}")["fields"]?["name"]?.stringValue?.contains("a string") == true)
            #expect(try await post("{}", type: "text/plain")["fields"]?["content-type"] != nil)
            #expect(try await post("{\"a\":\(String(repeating: "[", count: 5000))").status == 400)
            let large = try await post("{\"name\":\"\(String(repeating: "x", count: 1 << 20))\"}")
            #expect(large.status == 413 && large.error == "payload_too_large")
            #expect(try await house.declare(as: token).status == 201)
        }
    }

    @Test("HEAD is answered like GET, without the body")
    func head() async throws {
        try await ManagerHouse.open { house in
            let answer = try await house.send("HEAD", "/healthz")
            #expect(answer.status == 200 && answer.body.isEmpty && answer.head["content-length"] != "0")
        }
    }

    @Test("health, readiness and metrics tell what they should")
    func system() async throws {
        try await ManagerHouse.open { house in
            try await house.makeProject()
            _ = try await house.declare(as: try await house.makeToken())
            #expect(try await house.send("GET", "/healthz").json == ["status": "ok"])
            #expect(try await house.send("GET", "/readyz").json == ["status": "ready"])
            let answer = try await house.send("GET", "/metrics")
            let text = String(decoding: answer.body, as: UTF8.self)
            #expect(answer.head["content-type"] == "text/plain; version=0.0.4")
            for line in [
                "# TYPE inferencekey_manager_requests_total counter",
                "inferencekey_manager_requests_total{route=\"/healthz\",code_class=\"2xx\"} 1",
                "inferencekey_manager_request_duration_seconds_bucket{route=\"/healthz\",le=\"+Inf\"} 1",
                "inferencekey_build_info{version=\"test\"} 1", "inferencekey_manager_workers{live=\"true\"} 1",
            ] {
                #expect(text.contains(line + "\n"), "\(line)")
            }
            #expect(!text.contains(house.operatorKey.id) && !text.contains("req_"))
        }
    }

    @Test("a malformed request, an endless head and a slow client are cut off in our own form")
    func rawBytes() async throws {
        var timings = ManagerTimings.quick
        timings.requestDeadline = .milliseconds(300)
        try await ManagerHouse.open(timings: timings) { house in
            let nonsense = try await RawExchange.run(port: house.base.port, sending: "HELLO\r\n\r\n")
            #expect(nonsense.hasPrefix("HTTP/1.1 400 ") && nonsense.contains("\"error\":\"invalid_request\""))
            #expect(nonsense.contains("x-request-id: req_"))
            let field = "x-filler: \(String(repeating: "y", count: 1000))\r\n"
            let endless = "GET /healthz HTTP/1.1\r\nhost: a\r\n" + String(repeating: field, count: 90) + "\r\n"
            let refused = try await RawExchange.run(port: house.base.port, sending: endless)
            #expect(refused.hasPrefix("HTTP/1.1 431 ") && refused.contains("headers_too_large"))
            let slowHead = try await RawExchange.run(port: house.base.port, sending: "GET /healthz HTT")
            #expect(slowHead.isEmpty)
            let slowBody = try await RawExchange.run(
                port: house.base.port,
                sending: "POST /api/admin/tenants HTTP/1.1\r\nhost: a\r\nauthorization: Bearer "
                    + "\(house.operatorKey.revealed)\r\ncontent-length: 100\r\n\r\n{")
            #expect(!slowBody.contains("200 OK"))
            let patient = try await RawExchange.run(
                port: house.base.port,
                sending: "POST /api/admin/tenants HTTP/1.1\r\nhost: a\r\nauthorization: Bearer "
                    + "\(house.operatorKey.revealed)\r\nexpect: 100-continue\r\ncontent-length: 100\r\n\r\n")
            #expect(patient.hasPrefix("HTTP/1.1 100 Continue\r\n"))
        }
    }
}
