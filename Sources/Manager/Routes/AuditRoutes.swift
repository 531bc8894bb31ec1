import Fleet
import InferenceKeyWire

/// Who did what.
enum AuditRoutes {
    static let all: [Route] = [list]

    private static let schema = Schema.answer(
        ("id", .string), ("at", .time), ("actor", .string), ("action", .string), ("subject", .string),
        ("detail", .anything))

    private static let list = Route(
        .get, "/api/admin/audit", .operatorOnly, "The audit log, newest first.",
        query: QueryParameter.page(after: "entry, towards the past"),
        answers: [.json(200, .array(schema), "The entries; the next page is in the Link header.")]
    ) { call, _ in
        let limit = try call.query.limit() ?? 100
        let entries = try await call.core.store.audit(after: call.query["after"], limit: limit)
        let reply = Reply.ok(.array(entries.map(\.json)))
        guard entries.count == limit, let last = entries.last else { return reply }
        return reply.with("link", call.nextLink(limit: limit, after: last.id))
    }
}
