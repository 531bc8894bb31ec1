import Fleet
import InferenceKeyWire

/// The Gateways, as an operator sees them.
enum GatewayRoutes {
    static let all: [Route] = [list, remove]

    private static let schema = Schema.answer(
        ("id", .string), ("name", .nullable(.string)), ("status", .words("live", "lost", "unknown")),
        ("last_heard_at", .nullable(.time)), ("table_version", .nullable(.integer)))

    private static let list = Route(
        .get, "/api/admin/gateways", .operatorOnly, "All Gateways that may be connected.",
        answers: [.json(200, .array(schema), "The Gateways.")]
    ) { call, _ in
        let now = call.core.ids.now()
        let records = call.fleet.credentials.values.filter { $0.kind == .gateway && $0.isValid(at: now) }
        return .ok(
            .array(
                records.sorted { $0.createdAt < $1.createdAt }.map { record in
                    let report = call.core.gatewayLink.lastReport(of: record.id)
                    return [
                        "id": .string(record.id), "name": .optional(record.name),
                        "status": .string(report.map { $0.isLive ? "live" : "lost" } ?? "unknown"),
                        "last_heard_at": .optional(report?.heardAt.description),
                        "table_version": .optional(report?.tableVersion),
                    ]
                }))
    }

    private static let remove = Route(
        .delete, "/api/admin/gateways/:id", .operatorOnly, "End a Gateway's credential.", answers: [.noContent]
    ) { call, _ in
        let id = call.parameter("id")
        try await call.transact { draft in try Rotation.revoke(id, .gateway, in: &draft) }
        call.core.gatewayLink.forget(id)
        return .noContent
    }
}
