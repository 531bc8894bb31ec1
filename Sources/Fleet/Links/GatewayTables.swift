package import InferenceKeyWire

/// Everything a Gateway needs to serve: complete, mirrored to its disk.
package struct GatewayTables: Sendable, Hashable {
    /// Grows with every change within one run of the Manager.
    package var version: Int
    package var endpoints: [EndpointRoute]
    /// Every data key that is neither revoked nor expired.
    package var keys: [DataKey]

    package init(version: Int = 0, endpoints: [EndpointRoute] = [], keys: [DataKey] = []) {
        self.version = version
        self.endpoints = endpoints
        self.keys = keys
    }
}

/// Where one endpoint's requests may go.
package struct EndpointRoute: Sendable, Hashable {
    package var tenantID: TenantID
    package var projectID: ProjectID
    package var projectSlug: String
    package var workloadSlug: String
    package var taskType: TaskType
    package var modelName: String
    /// Why there is no ready replica, for the caller.
    package var statusReason: String?
    /// When a replica may be ready, if it is known.
    package var retryAfterMilliseconds: Int?
    package var upstreams: [Upstream]
    package var routing: RoutingSpec
    package var limits: EndpointLimits

    package init(
        tenantID: TenantID, projectID: ProjectID, projectSlug: String, workloadSlug: String, taskType: TaskType,
        modelName: String, statusReason: String?, retryAfterMilliseconds: Int?, upstreams: [Upstream],
        routing: RoutingSpec = RoutingSpec(), limits: EndpointLimits = EndpointLimits()
    ) {
        self.tenantID = tenantID
        self.projectID = projectID
        self.projectSlug = projectSlug
        self.workloadSlug = workloadSlug
        self.taskType = taskType
        self.modelName = modelName
        self.statusReason = statusReason
        self.retryAfterMilliseconds = retryAfterMilliseconds
        self.upstreams = upstreams
        self.routing = routing
        self.limits = limits
    }
}

/// One replica's engine, as a Gateway dials it.
package struct Upstream: Sendable, Hashable {
    package var replicaID: ReplicaID
    package var host: String
    package var port: Int
    /// Sent as `Authorization: Bearer`; empty when the engine asks for none.
    package var engineKey: String
    /// The name the engine serves the model under, which `default` and the workload's slug stand for.
    package var servedName: String
    /// Gets nothing new.
    package var isDraining: Bool

    package init(
        replicaID: ReplicaID, host: String, port: Int, engineKey: String, servedName: String, isDraining: Bool
    ) {
        self.replicaID = replicaID
        self.host = host
        self.port = port
        self.engineKey = engineKey
        self.servedName = servedName
        self.isDraining = isDraining
    }
}

/// A data key as a Gateway checks it.
package struct DataKey: Sendable, Hashable {
    package var id: String
    package var hash: SecretHash
    package var tenantID: TenantID
    package var projectID: ProjectID
    /// Empty when it is not known: then the key's project is known by its id and by the slugs of its endpoints.
    package var projectSlug: String
    package var grants: [Grant]
    package var limits: KeyLimits
    package var expiresAt: Timestamp?

    package init(
        id: String, hash: SecretHash, tenantID: TenantID, projectID: ProjectID, projectSlug: String = "",
        grants: [Grant], limits: KeyLimits, expiresAt: Timestamp?
    ) {
        self.id = id
        self.hash = hash
        self.tenantID = tenantID
        self.projectID = projectID
        self.projectSlug = projectSlug
        self.grants = grants
        self.limits = limits
        self.expiresAt = expiresAt
    }
}

extension GatewayTables {
    package init(json: JSONValue) throws(FieldErrors) {
        var fields = JSONFields(json)
        let endpoints = fields.array("endpoints", required: true) ?? []
        let keys = fields.array("keys", required: true) ?? []
        self.init(
            version: fields.int("version", required: true) ?? 0,
            endpoints: try endpoints.map(EndpointRoute.init(json:)), keys: try keys.map(DataKey.init(json:)))
        try fields.finish(allowingUnknown: true)
    }

    package var json: JSONValue {
        [
            "version": .int(version), "endpoints": .array(endpoints.map(\.json)), "keys": .array(keys.map(\.json)),
        ]
    }
}

extension EndpointRoute {
    package init(json: JSONValue) throws(FieldErrors) {
        var fields = JSONFields(json)
        let upstreams = fields.array("upstreams") ?? []
        self.init(
            tenantID: ID(fields.string("tenant_id", required: true) ?? ""),
            projectID: ID(fields.string("project_id", required: true) ?? ""),
            projectSlug: fields.string("project_slug", required: true) ?? "",
            workloadSlug: fields.string("workload_slug", required: true) ?? "",
            taskType: fields.choice("task_type", TaskType.self, required: true) ?? .text2text,
            modelName: fields.string("model_name", required: true) ?? "",
            statusReason: fields.string("status_reason"), retryAfterMilliseconds: fields.int("retry_after_ms"),
            upstreams: try upstreams.map(Upstream.init(json:)),
            // What a newer Manager declares and this Gateway does not know is as if it were not declared.
            routing: fields.value("routing").flatMap { try? RoutingSpec(json: $0) } ?? RoutingSpec(),
            limits: fields.value("limits").flatMap { try? EndpointLimits(json: $0) } ?? EndpointLimits())
        try fields.finish(allowingUnknown: true)
    }

    package var json: JSONValue {
        [
            "tenant_id": tenantID.json, "project_id": projectID.json, "project_slug": .string(projectSlug),
            "workload_slug": .string(workloadSlug), "task_type": .string(taskType.rawValue),
            "model_name": .string(modelName), "status_reason": .optional(statusReason),
            "retry_after_ms": .optional(retryAfterMilliseconds), "upstreams": .array(upstreams.map(\.json)),
            "routing": routing.json, "limits": limits.json,
        ]
    }
}

extension Upstream {
    package init(json: JSONValue) throws(FieldErrors) {
        var fields = JSONFields(json)
        self.init(
            replicaID: ID(fields.string("replica_id", required: true) ?? ""),
            host: fields.string("host", required: true) ?? "",
            port: fields.int("port", required: true, in: 1...65_535) ?? 0,
            engineKey: fields.string("engine_key") ?? "", servedName: fields.string("served_name") ?? "",
            isDraining: fields.bool("draining") ?? false)
        try fields.finish(allowingUnknown: true)
    }

    package var json: JSONValue {
        [
            "replica_id": replicaID.json, "host": .string(host), "port": .int(port), "engine_key": .string(engineKey),
            "served_name": .string(servedName), "draining": .bool(isDraining),
        ]
    }
}

extension DataKey {
    package init(json: JSONValue) throws(FieldErrors) {
        var fields = JSONFields(json)
        guard let hash = fields.string("hash", required: true).flatMap(SecretHash.init(hex:)) else {
            throw FieldErrors("hash", "must be 64 hex digits")
        }
        self.init(
            id: fields.string("id", required: true) ?? "", hash: hash,
            tenantID: ID(fields.string("tenant_id", required: true) ?? ""),
            projectID: ID(fields.string("project_id", required: true) ?? ""),
            projectSlug: fields.string("project_slug") ?? "",
            grants: (fields.strings("grants") ?? []).map(Grant.init), limits: KeyLimits(json: json["limits"] ?? .null),
            expiresAt: fields.timestamp("expires_at"))
        try fields.finish(allowingUnknown: true)
    }

    package var json: JSONValue {
        [
            "id": .string(id), "hash": .string(hash.hex), "tenant_id": tenantID.json, "project_id": projectID.json,
            "project_slug": .string(projectSlug),
            "grants": .array(grants.map { .string($0.text) }), "limits": limits.json,
            "expires_at": .optional(expiresAt?.description),
        ]
    }
}
