package import InferenceKeyWire

/// A machine with its agent, as it is stored. What it has and does is an observation, not a record.
package struct WorkerRecord: Identified, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The platform rented it.
        case cloud
        /// Its owner registered it.
        case `private`
    }

    package static let idPrefix = "wk"
    package var id: WorkerID
    package var tenantID: TenantID
    package var name: String
    package var kind: Kind
    package var createdAt: Timestamp
    /// Gets no new replicas.
    package var isCordoned: Bool
    /// Devices of it that get no new replicas.
    package var cordonedDevices: Set<String>
    /// Gives up the replicas it has, one by one.
    package var isDraining: Bool

    package init(
        id: WorkerID, tenantID: TenantID, name: String, kind: Kind = .private, createdAt: Timestamp,
        isCordoned: Bool = false, cordonedDevices: Set<String> = [], isDraining: Bool = false
    ) {
        self.id = id
        self.tenantID = tenantID
        self.name = name
        self.kind = kind
        self.createdAt = createdAt
        self.isCordoned = isCordoned
        self.cordonedDevices = cordonedDevices
        self.isDraining = isDraining
    }
}

extension WorkerRecord {
    package init(json: JSONValue) throws(FieldErrors) {
        var fields = JSONFields(json)
        self.init(
            id: ID(fields.string("id", required: true) ?? ""),
            tenantID: ID(fields.string("tenant_id", required: true) ?? ""),
            name: fields.string("name", required: true) ?? "",
            kind: fields.choice("kind", Kind.self, required: true) ?? .private,
            createdAt: fields.timestamp("created_at", required: true) ?? Timestamp(milliseconds: 0),
            isCordoned: fields.bool("cordoned") ?? false,
            cordonedDevices: Set(fields.strings("cordoned_devices") ?? []),
            isDraining: fields.bool("draining") ?? false)
        try fields.finish(allowingUnknown: true)
    }

    package var json: JSONValue {
        [
            "id": id.json, "tenant_id": tenantID.json, "name": .string(name), "kind": .string(kind.rawValue),
            "created_at": .string(createdAt.description), "cordoned": .bool(isCordoned),
            "cordoned_devices": .array(cordonedDevices.sorted().map { .string($0) }), "draining": .bool(isDraining),
        ]
    }
}
