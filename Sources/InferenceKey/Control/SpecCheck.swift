/// What is checked of a spec before any request.
package enum SpecCheck {
    /// Throws a validation error for blank fields and a configuration error where a secret stands in the spec.
    /// - Returns: the canonical slug.
    @discardableResult
    package static func validate(_ spec: WorkloadSpec) throws(InferenceKeyError) -> String {
        var problems: [String: String] = [:]
        for (field, text) in [
            ("name", spec.name), ("slug", spec.slug), ("model", spec.model), ("backend", spec.backend.rawValue),
        ]
        where text.allSatisfy(\.isWhitespace) {
            problems[field] = "must not be blank"
        }
        let slug = Slug.make(from: spec.slug)
        if slug == nil, problems["slug"] == nil { problems["slug"] = "needs a letter or a digit" }
        guard let slug, problems.isEmpty else {
            let fields = problems.sorted { $0.key < $1.key }
            throw .validation(fields.map { "\($0.key) \($0.value)" }.joined(separator: "; "), fields: problems)
        }
        if let place = secretPlace(in: spec) {
            throw .configuration("secrets must never go in specs; take the credential out of \(place)")
        }
        return slug
    }

    /// Where in the spec a credential stands, such as `config.env.TOKEN`.
    package static func secretPlace(in spec: WorkloadSpec) -> String? {
        let texts: [(String, String?)] = [
            ("name", spec.name), ("slug", spec.slug), ("model", spec.model), ("backend", spec.backend.rawValue),
            ("project", spec.project), ("description", spec.description), ("command", spec.command),
            ("vllm_version", spec.vllmVersion), ("worker_id", spec.workerID),
            ("gpu_resource_id", spec.gpuResourceID),
        ]
        for (field, text) in texts where text.map(Redaction.holdsSecret) == true { return field }
        for (field, object) in [("config", spec.config), ("execution_policy_config", spec.executionPolicyConfig)] {
            if let object, let place = secretPlace(in: .object(object), at: field) { return place }
        }
        return nil
    }

    private static func secretPlace(in value: JSONValue, at place: String) -> String? {
        switch value {
        case .string(let text): return Redaction.holdsSecret(text) ? place : nil
        case .array(let items):
            for (index, item) in items.enumerated() {
                if let found = secretPlace(in: item, at: "\(place)[\(index)]") { return found }
            }
            return nil
        case .object(let members):
            for (key, member) in members {
                // A key may begin like a credential's prefix; a whole credential it may not hold.
                if Redaction.holdsSecret(" " + key) { return "a key of \(place)" }
                if let found = secretPlace(in: member, at: "\(place).\(key)") { return found }
            }
            return nil
        case .null, .bool, .number: return nil
        }
    }
}
