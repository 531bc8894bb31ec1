import InferenceKey
import LoopbackServer
import Testing

@Suite("forecasts and jobs", .timeLimit(.minutes(5)))
struct JobTests {
    @Test("a forecast carries its body untouched and gives the answer untouched")
    func forecast() async throws {
        let server = try await LoopbackServer { _, reply in reply.json(200, #"{"values":[1.0,2e0],"unit":"MW"}"#) }
        let body: JSONObject = ["series": [1, 2.5, 3], "horizon": 24]
        let result = try await server.endpoint().forecast(body)
        #expect(result.raw.text == #"{"values":[1.0,2e0],"unit":"MW"}"#)
        #expect(server.record.requests[0].target == "/endpoint/acme/support-bot/forecast")
        #expect(server.record.requests[0].bodyText == #"{"series":[1,2.5,3],"horizon":24}"#)
    }

    @Test("a job is handed in as JSON or as bytes, and asked for")
    func jobs() async throws {
        let server = try await LoopbackServer { request, reply in
            guard request.method == "GET" else { return reply.json(202, #"{"job_id":"j/1"}"#) }
            reply.json(200, #"{"job_id":"j/1","state":"completed","attempts":1,"result":{"text":"Hola"},"more":0}"#)
        }
        let endpoint = try server.endpoint()
        let handed = try await endpoint.submitJob(
            kind: "chat", body: .json(["messages": []]), context: ["order": 42], idempotencyKey: "k1")
        #expect((handed.id, handed.state, handed.attempts, handed.result) == ("j/1", nil, nil, nil))
        _ = try await endpoint.submitJob(
            kind: "audio_transcriptions", body: .bytes([0, 255], contentType: "audio/wav"))
        let job = try await endpoint.getJob(handed.id)
        #expect((job.state, job.attempts, job.result?["text"], job.raw["more"]) == ("completed", 1, "Hola", 0))
        let requests = server.record.requests
        #expect(requests[0].bodyText == #"{"kind":"chat","body":{"messages":[]},"context":{"order":42}}"#)
        #expect(requests[0]["idempotency-key"] == "k1")
        #expect(
            requests[1].bodyText
                == #"{"kind":"audio_transcriptions","body_b64":"AP8=","content_type":"audio/wav"}"#)
        #expect(requests[1]["idempotency-key"] == nil)
        #expect(requests[2].target == "/endpoint/acme/support-bot/jobs/j%2F1")
    }

    @Test("what cannot be a job is refused before anything is sent")
    func refused() async throws {
        let server = try await LoopbackServer { _, reply in reply.json(200, "{}") }
        let endpoint = try server.endpoint()
        await expect(.validation, "validation error: kind must not be blank") {
            _ = try await endpoint.submitJob(kind: " ", body: .json([:]))
        }
        await expect(.validation, "validation error: content_type must not be blank") {
            _ = try await endpoint.submitJob(kind: "chat", body: .bytes([1], contentType: ""))
        }
        await expect(.validation, "validation error: job_id must not be blank") { _ = try await endpoint.getJob("") }
        #expect(server.record.requests.isEmpty)
        await expect(.api, "api error (status 200): the answer has no job_id") { _ = try await endpoint.getJob("x") }
    }

    @Test("a job that may have been taken is handed in again only under a key")
    func retries() async throws {
        let steps = Script([504, 202, 504])
        let server = try await LoopbackServer { _, reply in reply.json(steps.next(), #"{"job_id":"j"}"#) }
        let endpoint = try server.endpoint()
        #expect(try await endpoint.submitJob(kind: "chat", body: .json([:]), idempotencyKey: "k").id == "j")
        #expect(server.record.requests.count == 2)
        await expect(.api, "api error (status 504)") {
            _ = try await endpoint.submitJob(kind: "chat", body: .json([:]))
        }
        #expect(server.record.requests.count == 3)
    }
}
