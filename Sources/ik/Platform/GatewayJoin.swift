import Console
import InferenceKeyWire
import Transport

/// Trades a join token for a Gateway's credential.
struct GatewayJoin: Sendable {
    let manager: BaseURL
    let token: Credential

    /// Whether the Manager still takes the credential of an earlier join. One that does not answer is given time.
    func isKnown(_ kept: Credential) async -> Bool {
        let client = HTTPClient(timeouts: HTTPTimeouts(total: .seconds(5)))
        defer { Task { await client.shutdown() } }
        let headers = [HTTPField("authorization", "Bearer \(kept.revealed)"), HTTPField("accept", "text/event-stream")]
        guard let feed = try? await client.open(HTTPRequest("GET", manager, "/api/gateway/feed", headers: headers))
        else { return true }
        defer { feed.cancel() }
        return feed.head.status != 401
    }

    func join(as name: String) async throws -> Credential {
        let client = HTTPClient(timeouts: HTTPTimeouts(total: .seconds(30)))
        defer { Task { await client.shutdown() } }
        let body: JSONValue = ["name": .string(name)]
        let request = HTTPRequest(
            "POST", manager, "/api/gateway/join",
            headers: [
                HTTPField("authorization", "Bearer \(token.revealed)"), HTTPField("content-type", "application/json"),
            ], body: body.bytes)
        let answer: HTTPAnswer
        do {
            answer = try await client.send(request)
        } catch {
            throw CommandFailure(
                .unreachable, "the Manager at \(manager) does not answer", why: "\(error)",
                next: "start it, or mend --manager; then start this again")
        }
        guard answer.head.isSuccess, let json = try? JSONValue(parsing: answer.body),
            let credential = json["credential"]?.stringValue.flatMap({ Credential($0) }), credential.kind == .gateway
        else {
            let error = InferenceKeyError(
                status: answer.head.status, body: answer.body, requestID: answer.head["x-request-id"],
                retryAfterMilliseconds: nil)
            throw CommandFailure(
                .notAuthorised, "the Manager refused the join token", why: error.message,
                next: "ik worker join-token --role gateway   # where the platform runs")
        }
        return credential
    }
}
