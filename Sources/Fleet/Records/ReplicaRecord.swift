package import InferenceKeyWire

/// What the Manager wants of a replica.
///
///     run ──▶ drain ──▶ stop ──▶ (record removed once the worker has stopped it)
///      └────────────────▲   a replica that never served has nothing to drain
package enum ReplicaIntent: String, Sendable, Hashable, CaseIterable {
    case run
    /// No new requests; what is in flight finishes, up to the drain deadline.
    case drain
    /// Left out of the worker's assignment, so that the worker stops it. It holds its devices until the worker has.
    case stop
}

/// One running copy of a workload's revision on one worker: a placement decision that outlives restarts.
package struct ReplicaRecord: Identified, Hashable {
    package static let idPrefix = "rp"
    package var id: ReplicaID
    package var workloadID: WorkloadID
    package var revision: Int
    package var workerID: WorkerID
    /// Devices of that worker that it was given; empty when the engine runs on the CPU.
    package var deviceIDs: [String]
    /// The share of each given device's memory that it claims, 0…1.
    package var deviceShare: Double
    package var intent: ReplicaIntent
    package var createdAt: Timestamp
    /// By the steady clock of the Manager that began the drain.
    package var drainingSince: Timestamp?
    /// What it was placed to run; a later revision of its workload does not change it.
    package let engine: EngineSpec?
    /// The port that its command names, which no other replica of its worker can have.
    package let namedPort: Int?
    /// The port it was last seen serving on; what a restarted Manager routes by until its worker is heard of.
    package var servingPort: Int?

    package init(
        id: ReplicaID, workloadID: WorkloadID, revision: Int, workerID: WorkerID, deviceIDs: [String],
        deviceShare: Double = 1, intent: ReplicaIntent = .run, createdAt: Timestamp, drainingSince: Timestamp? = nil,
        engine: EngineSpec? = nil, servingPort: Int? = nil
    ) {
        self.id = id
        self.workloadID = workloadID
        self.revision = revision
        self.workerID = workerID
        self.deviceIDs = deviceIDs
        self.deviceShare = deviceShare
        self.intent = intent
        self.createdAt = createdAt
        self.drainingSince = drainingSince
        self.engine = engine
        namedPort = engine?.command?.port
        self.servingPort = servingPort
    }
}

extension ReplicaRecord {
    package init(json: JSONValue) throws(FieldErrors) {
        var fields = JSONFields(json)
        self.init(
            id: ID(fields.string("id", required: true) ?? ""),
            workloadID: ID(fields.string("workload_id", required: true) ?? ""),
            revision: fields.int("revision", required: true) ?? 1,
            workerID: ID(fields.string("worker_id", required: true) ?? ""),
            deviceIDs: fields.strings("device_ids") ?? [], deviceShare: fields.double("device_share") ?? 1,
            intent: fields.choice("intent", ReplicaIntent.self, required: true) ?? .run,
            createdAt: fields.timestamp("created_at", required: true) ?? Timestamp(milliseconds: 0),
            drainingSince: fields.timestamp("draining_since"),
            engine: try fields.object("engine").map { object throws(FieldErrors) in
                try EngineSpec(json: .object(object))
            }, servingPort: fields.int("serving_port"))
        try fields.finish(allowingUnknown: true)
    }

    package var json: JSONValue {
        [
            "id": id.json, "workload_id": workloadID.json, "revision": .int(revision), "worker_id": workerID.json,
            "device_ids": .array(deviceIDs.map { .string($0) }), "device_share": .double(deviceShare),
            "intent": .string(intent.rawValue), "created_at": .string(createdAt.description),
            "draining_since": .optional(drainingSince?.description), "engine": engine?.json ?? .null,
            "serving_port": .optional(servingPort),
        ]
    }
}
