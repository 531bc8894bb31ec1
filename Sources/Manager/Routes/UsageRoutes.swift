import Fleet
import InferenceKeyWire

/// What was used.
enum UsageRoutes {
    static let all: [Route] = [list]

    private static let schema = Schema.answer(
        ("day", .string), ("project_id", .string), ("project_slug", .nullable(.string)), ("workload_slug", .string),
        ("key_id", .string), ("requests", .integer), ("failed_requests", .integer), ("tokens_in", .integer),
        ("tokens_out", .integer), ("milliseconds", .integer))

    private static let list = Route(
        .get, "/api/admin/usage", .operatorOnly, "Usage per day (UTC), workload and key.",
        query: [
            QueryParameter("project", .string, "Only of this project, by slug or id."),
            QueryParameter("workload", .string, "Only of the workload with this slug."),
            QueryParameter("key", .string, "Only of the key with this id."),
            QueryParameter("from", .string, "The first day, such as 2026-11-24."),
            QueryParameter("to", .string, "The last day."),
        ], answers: [.json(200, .array(schema), "The usage.")], failures: [.notFound, .conflict]
    ) { call, _ in
        let filter = UsageFilter(
            projectID: try call.query["project"].map { try call.fleet.project(named: $0).id },
            workloadSlug: call.query["workload"], keyID: call.query["key"], fromDay: try call.query.day("from"),
            toDay: try call.query.day("to"))
        let records = try await call.core.store.usage(filter)
        return .ok(
            .array(
                records.map { record in
                    var object = record.json.objectValue ?? [:]
                    object["project_slug"] = .optional(call.fleet.projects[record.projectID]?.slug)
                    return .object(object)
                }))
    }
}
