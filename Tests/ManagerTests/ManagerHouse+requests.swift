import Fleet
import InferenceKeyWire
import Testing
import Transport

/// An answer, read as JSON.
struct HouseAnswer: Sendable {
    let status: Int
    let json: JSONValue
    let head: HTTPHead
    let body: [UInt8]

    subscript(key: String) -> JSONValue? { json[key] }
    var error: String? { json["error"]?.stringValue }
}

extension ManagerHouse {
    func send(
        _ method: String, _ path: String, _ json: JSONValue? = nil, as credential: Credential? = nil,
        headers: [HTTPField] = [], raw: [UInt8]? = nil
    ) async throws -> HouseAnswer {
        let answer = try await client.send(request(method, path, json, credential?.revealed, headers, raw))
        return HouseAnswer(
            status: answer.head.status, json: (try? JSONValue(parsing: answer.body)) ?? .null, head: answer.head,
            body: answer.body)
    }

    /// The same, as the operator.
    func admin(_ method: String, _ path: String, _ json: JSONValue? = nil) async throws -> HouseAnswer {
        try await send(method, path, json, as: operatorKey)
    }

    /// Only the head of the answer, for streams too.
    func head(
        _ method: String, _ path: String, _ json: JSONValue?, bearer: String?
    ) async throws -> (head: HTTPHead, body: JSONValue) {
        let stream = try await client.open(request(method, path, json, bearer, [], nil))
        defer { stream.cancel() }
        let isStream = stream.head["content-type"] == "text/event-stream"
        var body: [UInt8] = []
        while !isStream, let bytes = try await stream.next() { body += bytes }
        return (stream.head, (try? JSONValue(parsing: body)) ?? .null)
    }

    func request(
        _ method: String, _ path: String, _ json: JSONValue?, _ bearer: String?, _ headers: [HTTPField],
        _ raw: [UInt8]?
    ) -> HTTPRequest {
        var fields = headers
        if let bearer { fields.append(HTTPField("authorization", "Bearer \(bearer)")) }
        if json != nil { fields.append(HTTPField("content-type", "application/json")) }
        return HTTPRequest(method, base, path, headers: fields, body: raw ?? json?.bytes)
    }
}

extension ManagerHouse {
    /// Makes a project.
    func makeProject(_ slug: String = "acme", tenant: String = "default") async throws {
        let answer = try await admin("POST", "/api/admin/projects", ["slug": .string(slug), "tenant": .string(tenant)])
        try #require(answer.status == 201, "\(answer.json.text)")
    }

    /// Makes a control token and gives its secret.
    func makeToken(_ project: String = "acme", _ body: JSONValue = [:]) async throws -> Credential {
        let answer = try await admin("POST", "/api/admin/projects/\(project)/tokens", body)
        return try #require(answer["token"]?.stringValue.flatMap { Credential($0) }, "\(answer.json.text)")
    }

    /// Makes a data key and gives its secret.
    func makeKey(_ project: String = "acme", _ body: JSONValue = ["grants": ["*"]]) async throws -> Credential {
        let answer = try await admin("POST", "/api/admin/projects/\(project)/keys", body)
        return try #require(answer["key"]?.stringValue.flatMap { Credential($0) }, "\(answer.json.text)")
    }

    /// Declares a workload that a llama-server would run.
    func declare(
        _ slug: String = "chat", project: String = "acme", with extra: [(String, JSONValue)] = [],
        as token: Credential
    ) async throws -> HouseAnswer {
        var body: JSONObject = [
            "name": .string(slug), "backend": "llamacpp", "model_name": "tiny",
            "config": ["command": "llama-server -m tiny.gguf"],
        ]
        for (key, value) in extra { body[key] = value }
        return try await send("POST", "/api/projects/\(project)/workloads", .object(body), as: token)
    }
}

/// Asks again until it is so; a deadline ends the patience.
func eventually(
    _ what: String, within deadline: Duration = .seconds(60), _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + deadline
    while ContinuousClock.now < end {
        if try await condition() { return }
        await Task.yield()
    }
    throw HouseError("it never came to be: \(what)")
}
