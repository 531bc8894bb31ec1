import InferenceKey
import InferenceKeyWire
import Transport

/// A subject of `conformance/`: what a client decides, as a pure function from `given` to `expect`.
enum Decision: String, CaseIterable {
    case slugs, redaction, drift, sse, errors, configuration, retries, readiness, webhooks
    case specChecks = "spec-checks"
    case jsonEquality = "json-equality"
    case jsonTexts = "json-texts"
    case textStreams = "text-streams"

    init(named name: String) throws(InferenceKeyError) {
        guard let decision = Decision(rawValue: name) else {
            let names = Self.allCases.map(\.rawValue).joined(separator: ", ")
            throw .validation("there is no subject \"\(name)\"; there are \(names)")
        }
        self = decision
    }

    func decide(_ bytes: [UInt8]) throws(InferenceKeyError) -> JSONValue {
        var given = try Arguments(parsing: bytes)
        switch self {
        case .slugs: return ["slug": .optional(Slug.make(from: try given.only("text")))]
        case .redaction: return try redaction(&given)
        case .drift: return try drift(&given)
        case .sse: return try events(&given)
        case .errors: return try error(&given)
        case .configuration: return try settings(&given)
        case .retries: return try retry(&given)
        case .readiness: return try readiness(&given)
        case .webhooks: return try webhook(&given)
        case .specChecks: return try specCheck(&given)
        case .jsonEquality: return try equality(&given)
        case .jsonTexts:
            return ["written": .optional((try? JSONValue(parsing: try given.only("text")))?.text)]
        case .textStreams: return try textStream(&given)
        }
    }

    private func redaction(_ given: inout Arguments) throws(InferenceKeyError) -> JSONValue {
        let (credential, text) = (given.text("credential"), given.text("text"))
        try given.finish()
        if let credential { return ["shown": .string(Redaction.redact(credential))] }
        return ["scrubbed": .string(Redaction.scrub(text ?? ""))]
    }

    private func equality(_ given: inout Arguments) throws(InferenceKeyError) -> JSONValue {
        let (left, right) = (given.requiredText("left"), given.requiredText("right"))
        try given.finish()
        do { return ["equal": .bool(try JSONValue(parsing: left) == JSONValue(parsing: right))] } catch {
            throw .validation("left or right is \(error)")
        }
    }

    private func specCheck(_ given: inout Arguments) throws(InferenceKeyError) -> JSONValue {
        do throws(InferenceKeyError) {
            let spec = try given.spec()
            try given.finish()
            try SpecCheck.validate(spec)
            return ["error": nil]
        } catch { return ["error": error.json] }
    }

    private func drift(_ given: inout Arguments) throws(InferenceKeyError) -> JSONValue {
        let spec = try given.spec()
        let json = given.value("live")
        try given.finish()
        let live: Workload?
        do throws(FieldErrors) { live = try json.map { json throws(FieldErrors) in try Workload(json: json) } } catch {
            throw .validation(error.summary, fields: error.fields)
        }
        let plan = Drift.plan(from: live, to: spec)
        return [
            "action": .string(plan.action.rawValue), "changes": .array(plan.changes.map(\.json)),
            "patch": plan.changes.isEmpty ? nil : Drift.patch(for: plan.changes, of: spec),
        ]
    }
}

extension Arguments {
    /// The one text that is given.
    fileprivate mutating func only(_ key: String) throws(InferenceKeyError) -> String {
        let text = requiredText(key)
        try finish()
        return text
    }
}
