import Fleet
import InferenceKeyWire

/// What a workload must be to be accepted. Whether anything can run it now is no question here: that is a status.
enum WorkloadRules {
    static let maxReplicas = 64

    /// - Parameter published: the custom backends of the workload's tenant.
    static func check(_ workload: WorkloadRecord, published: Set<String>) throws(FieldErrors) {
        var problems: [String: String] = [:]
        checkTexts(workload, &problems)
        checkBackend(workload, published, &problems)
        checkPolicy(workload, &problems)
        problems.merge(ConfigRules.problems(of: workload)) { old, _ in old }
        for field in secretFields(of: workload) { problems[field] = "secrets must never go in specs" }
        guard problems.isEmpty else { throw FieldErrors(fields: problems) }
    }

    private static func checkTexts(_ workload: WorkloadRecord, _ problems: inout [String: String]) {
        if workload.name.allSatisfy(\.isWhitespace) { problems["name"] = "must not be blank" }
        if workload.modelName.allSatisfy(\.isWhitespace) { problems["model_name"] = "must not be blank" }
        if workload.modelName.hasPrefix("-") { problems["model_name"] = "must not begin with a dash" }
        if !Slug.isValid(workload.slug) { problems["slug"] = "must be 1-63 of a-z, 0-9 and single inner -" }
        if workload.workerID?.text.allSatisfy(\.isWhitespace) == true { problems["worker_id"] = "must not be blank" }
        if workload.gpuResourceID?.allSatisfy(\.isWhitespace) == true {
            problems["gpu_resource_id"] = "must not be blank"
        }
    }

    private static func checkBackend(
        _ workload: WorkloadRecord, _ published: Set<String>, _ problems: inout [String: String]
    ) {
        let known = Backend.builtIn.map(\.rawValue)
        if published.contains(workload.backend.rawValue) {
            problems["backend"] =
                "\(workload.backend) is a custom backend: its package is stored, but running it is not possible in "
                + "this version; use one of \(known.joined(separator: ", "))"
            return
        }
        guard known.contains(workload.backend.rawValue) else {
            let hint =
                Suggestion.nearest(to: workload.backend.rawValue, in: known).map { "; did you mean \"\($0)\"?" } ?? ""
            problems["backend"] =
                "must be one of \(known.joined(separator: ", ")), not \"\(workload.backend)\"\(hint)"
            return
        }
        if workload.taskType == .forecast { problems["task_type"] = "forecast is for custom backends only" }
    }

    private static func checkPolicy(_ workload: WorkloadRecord, _ problems: inout [String: String]) {
        guard workload.executionPolicy == .fixed else {
            problems["execution_policy"] =
                "must be fixed; this version does not carry out \(workload.executionPolicy.rawValue) yet"
            return
        }
        guard let config = workload.executionPolicyConfig else { return }
        var fields = JSONFields(config)
        _ = fields.int("replicas", in: 0...maxReplicas)
        do {
            try fields.finish()
        } catch {
            for (key, reason) in error.fields { problems["execution_policy_config.\(key)"] = reason }
        }
    }

    /// The fields that hold a credential, at any depth.
    private static func secretFields(of workload: WorkloadRecord) -> [String] {
        let slug: [(field: String, value: JSONValue)] = [("slug", .string(workload.slug))]
        return (workload.declared + slug).flatMap { holders(of: $0.value, at: $0.field) }
    }

    private static func holders(of value: JSONValue, at path: String) -> [String] {
        switch value {
        case .string(let text): Redaction.holdsSecret(text) ? [path] : []
        case .array(let items): items.enumerated().flatMap { holders(of: $0.element, at: "\(path)[\($0.offset)]") }
        case .object(let object):
            object.flatMap { key, value in
                Redaction.holdsSecret(key) ? [path] : holders(of: value, at: "\(path).\(key)")
            }
        default: []
        }
    }
}
