import Fleet
import InferenceKeyWire

/// What a Gateway calls.
enum GatewayLinkRoutes {
    static let all: [Route] = [join, feed, report]

    private static let join = Route(
        .post, "/api/gateway/join", .join(.gateway), "Join as a Gateway; the token is used up.",
        body: .optional(.body(("name", .string))),
        answers: [
            .json(
                201, .answer(("gateway_id", .string), ("name", .nullable(.string)), ("credential", .string)),
                "The Gateway's own credential, shown once.")
        ]
    ) { call, token in
        var fields = call.fields
        let name = fields.string("name", maxBytes: 200)
        try fields.finish()
        let credential = call.core.ids.credential(.gateway)
        try await call.transact { draft in
            try draft.useUp(token)
            try draft.issue(
                CredentialRecord(
                    id: credential.id, kind: .gateway, hash: SecretHash(of: credential), name: name,
                    createdAt: draft.now))
        }
        return .created([
            "gateway_id": .string(credential.id), "name": .optional(name), "credential": .string(credential.revealed),
        ])
    }

    private static let feed = Route(
        .get, "/api/gateway/feed", .gateway, "The complete tables a Gateway serves by, now and after every change.",
        answers: [.events(.map, "Server-sent events.")]
    ) { call, _ in
        let core = call.core
        let subscription = core.hub.subscribe(to: .tables, by: call.caller)
        return .events {
            TablesSource(
                link: core.gatewayLink, subscription: subscription, interval: core.timings.feedInterval,
                clock: core.clock)
        }
    }

    private static let report = Route(
        .post, "/api/gateway/report", .gateway, "Usage, drains and the version of the tables in use.",
        body: .required(.map), maxBodyBytes: Visit.maxReportBytes,
        answers: [.json(200, .answer(("table_version", .integer)), "The version of the current tables.")]
    ) { call, gateway in
        let core = call.core
        let report = try GatewayReport(json: call.body ?? .null)
        if core.gatewayLink.record(report, credentialID: gateway.id) {
            core.reconcileWaker.wake(.tick)
        }
        for (key, time) in report.lastUsed where core.isDataKey(key, call.fleet) {
            core.lastUse.note(key, .data, at: min(time, core.ids.now()))
        }
        if !report.usage.isEmpty {
            _ = try await core.store.addUsage(
                report.usage, of: UsageReport(run: report.usageRun ?? report.gatewayID, sequence: report.sequence))
        }
        return .ok(["table_version": .int(core.gatewayLink.tables?.version ?? 0)])
    }
}

extension Core {
    fileprivate func isDataKey(_ id: String, _ fleet: FleetState) -> Bool { fleet.credentials[id]?.kind == .data }
}
