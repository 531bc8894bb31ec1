import Transport

/// One workload that can be called. Copies share one pool of connections.
public struct Endpoint: Sendable {
    public let workloadSlug: String
    public let project: String
    var caller: Caller

    init(caller: Caller, project: String, workloadSlug: String) {
        self.caller = caller
        self.project = project
        self.workloadSlug = workloadSlug
    }

    /// What any OpenAI client takes as its base URL.
    public var baseURL: String { caller.base.text + path("") }

    /// The same endpoint with other options; connections are shared.
    public func with(_ options: ClientOptions) -> Endpoint {
        var copy = self
        copy.caller.options = options
        return copy
    }

    /// - Parameter route: below `/v1`, such as `/chat/completions`.
    func path(_ route: String) -> String { platformPath("/v1" + route) }

    /// - Parameter route: of the platform's own, such as `/jobs`.
    func platformPath(_ route: String) -> String {
        "/endpoint/\(PathSegment.encode(project))/\(workloadSlug)\(route)"
    }

    /// Posts JSON and reads JSON.
    func post(_ route: String, _ body: JSONObject) async throws(InferenceKeyError) -> JSONAnswer {
        try await json(Call("POST", path(route), json: .object(body)))
    }

    /// Sends a call and reads JSON.
    func json(_ call: Call) async throws(InferenceKeyError) -> JSONAnswer {
        let answer = try await caller.send(call)
        return JSONAnswer(head: answer.head, json: try answer.json())
    }
}
