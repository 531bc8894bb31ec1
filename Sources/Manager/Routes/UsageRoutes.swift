import Fleet
import InferenceKeyWire

/// What was used.
enum UsageRoutes {
    static let all: [Route] = [list]

    private static let schema = Schema.answer(
        ("day", .nullable(.string)), ("project_id", .nullable(.string)), ("project_slug", .nullable(.string)),
        ("workload_slug", .nullable(.string)), ("key_id", .nullable(.string)), ("estimated", .nullable(.boolean)),
        ("requests", .integer), ("failed_requests", .integer), ("estimated_requests", .integer),
        ("tokens_in", .integer), ("tokens_out", .integer), ("estimated_tokens", .integer), ("milliseconds", .integer))

    private static let list = Route(
        .get, "/api/admin/usage", .operatorOnly, "Usage, added up by day (UTC), project, workload and key, or by some.",
        query: [
            QueryParameter("project", .string, "Only of this project, by slug or id."),
            QueryParameter("workload", .string, "Only of the workload with this slug."),
            QueryParameter("key", .string, "Only of the key with this id."),
            QueryParameter("from", .string, "The first day, such as 2026-11-24."),
            QueryParameter("to", .string, "The last day."),
            QueryParameter(
                "group_by", .string,
                "What it is added up by, separated by commas: day, project, workload, key, estimated."),
            QueryParameter("format", .words("json", "csv"), "CSV instead of JSON; so does Accept: text/csv."),
        ],
        answers: [.table(schema, "The usage, oldest day first; what it is not added up by is null.")],
        failures: [.notFound, .conflict]
    ) { call, _ in
        let filter = UsageFilter(
            projectID: try call.query["project"].map { try call.fleet.project(named: $0).id },
            workloadSlug: call.query["workload"], keyID: call.query["key"], fromDay: try call.query.day("from"),
            toDay: try call.query.day("to"))
        let dimensions = try call.dimensions()
        let wantsCSV = try call.wantsCSV()
        let sums = UsageSummary.all(try await call.core.store.usage(filter), by: dimensions)
        let rows = sums.map { sum in
            sum.json(projectSlug: sum.projectID.flatMap { call.fleet.projects[$0]?.slug })
        }
        guard wantsCSV else { return .ok(.array(rows)) }
        let text = CSV.text(rows, columns: UsageSummary.columns)
        return Reply(status: 200, body: .text(text, contentType: "text/csv; charset=utf-8; header=present"))
            .with("content-disposition", "attachment; filename=\"usage.csv\"")
    }
}

extension Call {
    fileprivate func dimensions() throws(ServiceError) -> Set<UsageDimension> {
        guard let text = query["group_by"] else { return Set(UsageDimension.usual) }
        var dimensions: Set<UsageDimension> = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let dimension = UsageDimension(rawValue: String(word)) else {
                let known = UsageDimension.allCases.map(\.rawValue)
                let hint = Suggestion.nearest(to: String(word), in: known).map { "; did you mean \"\($0)\"?" } ?? ""
                throw ServiceError(
                    FieldErrors("group_by", "must be some of \(known.joined(separator: ", ")), not \"\(word)\"\(hint)"))
            }
            dimensions.insert(dimension)
        }
        return dimensions
    }

    /// The query's word counts before the header's.
    fileprivate func wantsCSV() throws(ServiceError) -> Bool {
        switch query["format"] {
        case "csv": return true
        case "json": return false
        case nil:
            let accepted = (header("accept") ?? "").split(separator: ",").map { $0.prefix { $0 != ";" } }
            return accepted.contains { $0.lowercased().filter { $0 != " " } == "text/csv" }
        case .some(let word): throw ServiceError(FieldErrors("format", "must be json or csv, not \"\(word)\""))
        }
    }
}
