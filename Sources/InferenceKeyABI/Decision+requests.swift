import InferenceKey
import InferenceKeyWire
import Transport

extension Decision {
    func error(_ given: inout Arguments) throws(InferenceKeyError) -> JSONValue {
        let body = given.requiredText("body")
        let head = given.head()
        try given.finish()
        let error = InferenceKeyError(
            status: head.status, body: body.utf8, requestID: head["x-request-id"],
            retryAfterMilliseconds: RetryAfter.milliseconds(of: head, date: Timestamp(milliseconds: 0)))
        return [
            "kind": .string(error.kind.rawValue), "message": .string(error.message), "code": .optional(error.code),
            "request_id": .optional(error.requestID), "retry_after_ms": .optional(error.retryAfterMilliseconds),
            "fields": error.fieldsJSON,
        ]
    }

    func settings(_ given: inout Arguments) throws(InferenceKeyError) -> JSONValue {
        let isControl = given.requiredText("client") == "control"
        let spelling = given.choice("language", ArgumentSpelling.self) ?? .swift
        let settings = Settings(environment: given.environment(), spelling: spelling)
        var arguments = Arguments(.object(given.object("arguments") ?? [:]))
        let (baseURL, project) = (arguments.text("base_url"), arguments.text("project"))
        let (token, key) = (arguments.text("sdk_token"), arguments.text("api_key"))
        try arguments.finish()
        try given.finish()
        do throws(InferenceKeyError) {
            guard isControl else {
                let client = try DataClient(
                    settings, baseURL: baseURL, project: project, apiKey: key, spelling: spelling)
                let endpoint = try client.endpoint("support-bot")
                return ["base_url": .string(endpoint.baseURL), "project": .string(client.project)]
            }
            let client = try ManagementClient.from(settings, baseURL: baseURL, project: project, sdkToken: token)
            return try client.settings(for: "support-bot")
        } catch { return ["error": error.json] }
    }

    func retry(_ given: inout Arguments) throws(InferenceKeyError) -> JSONValue {
        let key = given.text("idempotency_key").map { [HTTPField("Idempotency-Key", $0)] } ?? []
        let call = Call(given.requiredText("method"), "/", headers: key)
        let (attempt, maxRetries) = (given.int("attempt") ?? 0, given.int("max_retries") ?? 2)
        let (jitter, now) = (given.double("jitter") ?? 0, given.requiredText("now"))
        let outcome = given.outcome()
        try given.finish()
        guard let outcome, let date = Timestamp(rfc3339: now) else {
            throw .validation("answer or a known failure, and now, are required")
        }
        let decision = RetryPolicy(maxRetries: maxRetries).decision(
            after: outcome, attempt: attempt, isReplayable: call.isReplayable, jitter: jitter, date: date)
        guard case .retry(let delay) = decision else { return ["retry_after_ms": nil] }
        return ["retry_after_ms": .double(delay / .milliseconds(1))]
    }
}

extension Arguments {
    fileprivate mutating func head() -> HTTPHead {
        let fields = (object("headers") ?? [:]).map { HTTPField($0.key, $0.value.stringValue ?? "") }
        return HTTPHead(status: int("status") ?? 0, headers: fields)
    }

    fileprivate mutating func outcome() -> RetryPolicy.Outcome? {
        let (answer, failure) = (object("answer"), object("failure"))
        if let answer {
            var given = Arguments(.object(answer))
            return .answer(given.head())
        }
        let mayHaveBegun = failure?["may_have_begun"]?.boolValue ?? false
        let error: TransportError? =
            switch failure?["kind"]?.stringValue {
            case "connect": .connect("refused")
            case "reset": .reset("reset", mayHaveBegun: mayHaveBegun)
            case "timeout": .timeout("late", mayHaveBegun: mayHaveBegun)
            case "tls": .tls("bad")
            case "malformed": .malformed("bad")
            case "cancelled": .cancelled
            default: nil
            }
        return error.map { .failure($0) }
    }
}
