import Fleet
import InferenceKeyWire

/// The forms that several routes share, by name.
enum Components {
    static let slug = Schema.string(maxLength: Slug.maxLength, pattern: "^[a-z0-9]+(-[a-z0-9]+)*$")

    static let all: [(name: String, schema: Schema)] = [
        ("Error", error), ("Workload", workload), ("WorkloadCreate", workloadCreate), ("WorkloadPatch", workloadPatch),
        ("WorkloadStatus", workloadStatus), ("ReplicaStatus", replicaStatus), ("ReadinessEvent", readinessEvent),
        ("LogLine", logLine), ("Revision", revision), ("CustomBackend", customBackend),
    ]

    private static let error = Schema.answer(
        ("error", .choice(ErrorCode.self).described("A code; codes are never renamed.")),
        ("message", Schema.string.described("What happened and what to do.")), ("request_id", .string))

    private static let declared: [(String, Schema)] = [
        ("name", .string(maxLength: 200)), ("description", .nullable(.string)),
        ("task_type", .choice(TaskType.self)), ("backend", .string(maxLength: Slug.maxLength)),
        ("model_name", .string(maxLength: 1024)), ("config", .nullable(.map)), ("worker_id", .nullable(.string)),
        ("gpu_resource_id", .nullable(.string)), ("execution_policy", .choice(ExecutionPolicy.self)),
        ("execution_policy_config", .nullable(.map)),
    ]

    private static let workload = answer(
        [("id", .string), ("slug", slug), ("workload_slug", slug), ("project_id", .string), ("project_slug", slug)]
            + declared + [
                ("revision", .integer), ("status", .choice(WorkloadStatus.self)), ("status_reason", .nullable(.string)),
                ("replacement", .choice(ChangeEffect.self)), ("created_at", .time), ("updated_at", .time),
            ])

    private static let workloadCreate = body(
        declared + [("slug", slug)], required: ["name", "backend", "model_name"])

    private static let workloadPatch = body(declared, required: [])

    private static let workloadStatus = Schema.answer(
        ("workload_id", .string), ("slug", slug), ("desired", .integer), ("ready", .integer),
        ("status", .choice(WorkloadStatus.self)), ("status_reason", .nullable(.string)),
        ("cause", .nullable(.choice(FailureCause.self))), ("revision", .integer),
        ("phase", .choice(ReadinessPhase.self)), ("message", .string), ("progress", .nullable(.map)),
        ("replicas", .array(.ref("ReplicaStatus"))))

    private static let replicaStatus = Schema.answer(
        ("id", .string), ("revision", .integer), ("state", .choice(ReplicaState.self)),
        ("intent", .choice(ReplicaIntent.self)), ("worker_id", .string), ("worker_name", .nullable(.string)),
        ("device_ids", .array(.string)), ("port", .nullable(.integer)), ("reason", .nullable(.string)),
        ("cause", .nullable(.choice(FailureCause.self))), ("progress", .nullable(.map)), ("restarts", .integer),
        ("since", .nullable(.time)), ("log_tail", .array(.string)))

    private static let readinessEvent = Schema.answer(
        ("phase", .choice(ReadinessPhase.self)), ("message", .string), ("elapsed_ms", .integer))

    private static let logLine = Schema.answer(("replica_id", .string), ("ts", .time), ("text", .string))

    private static let revision = Schema.answer(
        ("revision", .integer), ("at", .time), ("by", .string),
        (
            "changes",
            .array(.answer(("field", .string), ("from", .anything), ("to", .anything)))
        ))

    private static let customBackend = Schema.answer(
        ("id", .string), ("tenant_id", .string), ("slug", slug), ("version", .string), ("name", .string),
        ("task_type", .choice(TaskType.self)), ("entrypoint", .string), ("sha256", .string),
        ("size_bytes", .integer), ("created_at", .time))

    private static func answer(_ members: [(String, Schema)]) -> Schema {
        Schema(json: object(members, required: members.map(\.0)))
    }

    private static func body(_ members: [(String, Schema)], required: [String]) -> Schema {
        var object = object(members, required: required).objectValue ?? [:]
        object["additionalProperties"] = false
        return Schema(json: .object(object))
    }

    private static func object(_ members: [(String, Schema)], required: [String]) -> JSONValue {
        var object: JSONObject = [
            "type": "object", "properties": .object(JSONObject(members.map { ($0.0, $0.1.json) })),
        ]
        if !required.isEmpty { object["required"] = .array(required.map { .string($0) }) }
        return .object(object)
    }
}
