import InferenceKey
import LoopbackServer
import Testing

@Suite("embeddings, reranking and other routes", .timeLimit(.minutes(5)))
struct OtherRouteTests {
    @Test("vectors come in the order of their texts")
    func embed() async throws {
        let server = try await LoopbackServer { _, reply in
            reply.json(
                200,
                #"{"model":"e","data":[{"index":1,"embedding":[3,4.5]},{"index":0,"embedding":[1,-2e-1]}],"usage":{"prompt_tokens":2,"total_tokens":2}}"#
            )
        }
        let result = try await server.endpoint().embed(input: ["a", "b"], extra: ["dimensions": 2])
        #expect(result.embeddings == [[1, -0.2], [3, 4.5]])
        #expect(result.usage?.promptTokens == 2)
        #expect(server.record.requests[0].target == "/endpoint/acme/support-bot/v1/embeddings")
        #expect(server.record.requests[0].bodyText == #"{"model":"support-bot","input":["a","b"],"dimensions":2}"#)
        _ = try await server.endpoint().embed(input: "a")
        #expect(server.record.requests[1].bodyText == #"{"model":"support-bot","input":"a"}"#)
        await expect(.validation, "validation error: input[1] must not be blank") {
            _ = try await server.endpoint().embed(input: ["a", " "])
        }
    }

    @Test("documents are reranked")
    func rerank() async throws {
        let server = try await LoopbackServer { _, reply in
            reply.json(
                200, #"{"model":"r","results":[{"index":1,"relevance_score":0.9},{"index":0,"relevance_score":0.1}]}"#)
        }
        let result = try await server.endpoint().rerank(query: "q", documents: ["a", "b"], topN: 2)
        #expect(
            result.results == [RerankItem(index: 1, relevanceScore: 0.9), RerankItem(index: 0, relevanceScore: 0.1)])
        #expect(
            server.record.requests[0].bodyText
                == #"{"model":"support-bot","query":"q","documents":["a","b"],"top_n":2}"#)
    }

    @Test("any other route is reachable, with bytes both ways")
    func request() async throws {
        let server = try await LoopbackServer { request, reply in
            reply.answer(200, ["content-type: audio/wav", "x-a: 1"], request.bodyText)
        }
        let answer = try await server.endpoint().request(
            "post", "/audio/speech?x=1", body: .bytes(Array("abc".utf8), contentType: "application/octet-stream"),
            headers: ["Idempotency-Key": "k1"])
        #expect(answer.body == Array("abc".utf8))
        #expect(answer.header("X-A") == "1")
        let request = server.record.requests[0]
        #expect(request.method == "POST")
        #expect(request.target == "/endpoint/acme/support-bot/v1/audio/speech?x=1")
        #expect(request["content-type"] == "application/octet-stream")
        #expect(request["idempotency-key"] == "k1")
        await expect(.validation, "validation error: the header authorization") {
            _ = try await server.endpoint().request("GET", "/models", headers: ["Authorization": "x"])
        }
        await expect(.validation, "validation error: path must start with /") {
            _ = try await server.endpoint().request("GET", "models")
        }
        await expect(.validation, "validation error: the value of the header x-b") {
            _ = try await server.endpoint().request("GET", "/models", headers: ["x-b": "a\r\nc: d"])
        }
    }
}
