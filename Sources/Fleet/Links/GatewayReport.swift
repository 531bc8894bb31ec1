package import InferenceKeyWire

/// What a Gateway tells the Manager, once a second and when a drain moves on.
package struct GatewayReport: Sendable, Hashable {
    /// A random name for one run of one Gateway.
    package var gatewayID: String
    /// Whose usage it is: an earlier run's when that one could not report all of its own; nil is this one's.
    package var usageRun: String?
    /// With the run it makes ``usage`` count once: the usage of a run is reported in the order of these numbers, from 1.
    package var sequence: Int
    /// The version of the tables it serves by.
    package var tableVersion: Int
    /// Requests in flight to every draining replica of those tables.
    package var draining: [ReplicaID: Int]
    /// What was used and not reported under an earlier number.
    package var usage: [UsageRecord]
    /// When each key was last used.
    package var lastUsed: [String: Timestamp]

    package init(
        gatewayID: String, usageRun: String? = nil, sequence: Int, tableVersion: Int, draining: [ReplicaID: Int],
        usage: [UsageRecord],
        lastUsed: [String: Timestamp]
    ) {
        self.gatewayID = gatewayID
        self.usageRun = usageRun
        self.sequence = sequence
        self.tableVersion = tableVersion
        self.draining = draining
        self.usage = usage
        self.lastUsed = lastUsed
    }
}

extension GatewayReport {
    package init(json: JSONValue) throws(FieldErrors) {
        var fields = JSONFields(json)
        let usage = fields.array("usage") ?? []
        var draining: [ReplicaID: Int] = [:]
        for (key, value) in fields.object("draining") ?? [:] { draining[ID(key)] = value.intValue }
        var lastUsed: [String: Timestamp] = [:]
        for (key, value) in fields.object("last_used") ?? [:] {
            lastUsed[key] = value.stringValue.flatMap(Timestamp.init(rfc3339:))
        }
        self.init(
            gatewayID: fields.string("gateway_id", required: true) ?? "", usageRun: fields.string("usage_run"),
            sequence: fields.int("sequence", required: true) ?? 0,
            tableVersion: fields.int("table_version", required: true) ?? 0, draining: draining,
            usage: try usage.map(UsageRecord.init(json:)), lastUsed: lastUsed)
        try fields.finish(allowingUnknown: true)
    }

    package var json: JSONValue {
        [
            "gateway_id": .string(gatewayID), "usage_run": .optional(usageRun), "sequence": .int(sequence),
            "table_version": .int(tableVersion),
            "draining": .object(
                JSONObject(draining.sorted { $0.key < $1.key }.map { ($0.key.text, .int($0.value)) })),
            "usage": .array(usage.map(\.json)),
            "last_used": .object(
                JSONObject(lastUsed.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value.description)) })),
        ]
    }
}
