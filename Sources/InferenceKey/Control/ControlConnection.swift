package import InferenceKeyWire
package import Transport

/// JSON calls to the control plane with one credential of any kind. What the clients above it build on.
package struct ControlConnection: Sendable {
    package let credential: String
    private var caller: Caller

    /// - Parameter baseURL: of the platform, without `/api`.
    package init(
        baseURL: String, credential: String, options: ClientOptions = .init(), http: HTTPClient? = nil,
        time: ClientTime = .system
    ) throws(InferenceKeyError) {
        self.credential = credential
        caller = try Caller(baseURL: baseURL, credential: credential, options: options, http: http, time: time)
    }

    package var options: ClientOptions {
        get { caller.options }
        set { caller.options = newValue }
    }

    package var time: ClientTime { caller.time }
    package var baseURL: String { caller.base.text }

    /// - Parameter path: starts with `/api`, percent-encoded, with its query.
    package func get(_ path: String) async throws(InferenceKeyError) -> JSONValue {
        try await json(Call("GET", path)).value
    }

    /// - Parameter isReplayable: whether the route may be called twice without doing anything twice.
    package func post(
        _ path: String, body: JSONValue = [:], isReplayable: Bool = false
    ) async throws(InferenceKeyError) -> JSONValue {
        try await json(Call("POST", path, json: body, isReplayable: isReplayable)).value
    }

    /// - Parameter ifMatch: the revision that must still be the current one, else 412.
    package func patch(
        _ path: String, body: JSONValue, ifMatch revision: Int? = nil
    ) async throws(InferenceKeyError) -> JSONValue {
        let headers = revision.map { [HTTPField("if-match", "\"\($0)\"")] } ?? []
        return try await json(Call("PATCH", path, json: body, headers: headers, isReplayable: revision != nil)).value
    }

    package func put(_ path: String, body: JSONValue) async throws(InferenceKeyError) -> JSONValue {
        try await json(Call("PUT", path, json: body)).value
    }

    @discardableResult
    package func delete(_ path: String) async throws(InferenceKeyError) -> JSONValue {
        try await json(Call("DELETE", path)).value
    }

    /// Opens a stream of server-sent events.
    package func events(_ path: String) async throws(InferenceKeyError) -> EventStream {
        let call = Call("GET", path, headers: [HTTPField("accept", "text/event-stream")])
        return try EventStream(try await caller.open(call), base: caller.base)
    }

    /// The answer's head beside its JSON; an answer without a body is `null`.
    func json(_ call: Call) async throws(InferenceKeyError) -> (head: HTTPHead, value: JSONValue) {
        let answer = try await caller.send(call)
        if answer.head.status == 204 || answer.body.isEmpty { return (answer.head, .null) }
        return (answer.head, try answer.json())
    }
}
