package import InferenceKeyWire

/// Everything one worker should be doing: complete, so that a lost message costs nothing.
package struct WorkerAssignment: Sendable, Hashable {
    /// Grows with every change of this worker's assignment within one run of the Manager.
    package var generation: Int
    /// Replicas not in here are to be stopped.
    package var replicas: [ReplicaAssignment]
    /// Log lines that somebody waits for.
    package var logRequests: [LogRequest]

    package init(generation: Int, replicas: [ReplicaAssignment], logRequests: [LogRequest] = []) {
        self.generation = generation
        self.replicas = replicas
        self.logRequests = logRequests
    }
}

/// One replica that a worker should run, and all it needs for that.
package struct ReplicaAssignment: Sendable, Hashable {
    package var replicaID: ReplicaID
    package var workloadSlug: String
    package var revision: Int
    package var backend: Backend
    package var taskType: TaskType
    package var modelName: String
    /// Names the engine should answer to, the model name first.
    package var servedNames: [String]
    package var config: JSONObject
    /// Devices it may use; empty means the CPU.
    package var deviceIDs: [String]
    /// What the engine should ask of its callers, where it can.
    package var engineKey: String
    /// Keep it while requests finish, do not restart it.
    package var isDraining: Bool

    package init(
        replicaID: ReplicaID, workloadSlug: String, revision: Int, backend: Backend, taskType: TaskType,
        modelName: String, servedNames: [String], config: JSONObject, deviceIDs: [String], engineKey: String,
        isDraining: Bool
    ) {
        self.replicaID = replicaID
        self.workloadSlug = workloadSlug
        self.revision = revision
        self.backend = backend
        self.taskType = taskType
        self.modelName = modelName
        self.servedNames = servedNames
        self.config = config
        self.deviceIDs = deviceIDs
        self.engineKey = engineKey
        self.isDraining = isDraining
    }
}

/// Somebody wants to read a replica's log.
package struct LogRequest: Sendable, Hashable {
    package var id: String
    package var replicaID: ReplicaID
    /// At most this many of the newest lines first.
    package var tail: Int
    /// Go on posting lines until the request leaves the assignment.
    package var follow: Bool

    package init(id: String, replicaID: ReplicaID, tail: Int, follow: Bool) {
        self.id = id
        self.replicaID = replicaID
        self.tail = tail
        self.follow = follow
    }
}

/// One line an engine wrote.
package struct LogLine: Sendable, Hashable {
    package var replicaID: ReplicaID
    package var at: Timestamp
    package var text: String

    package init(replicaID: ReplicaID, at: Timestamp, text: String) {
        self.replicaID = replicaID
        self.at = at
        self.text = text
    }

    package init(json: JSONValue) throws(FieldErrors) {
        var fields = JSONFields(json)
        self.init(
            replicaID: ID(fields.string("replica_id", required: true) ?? ""),
            at: fields.timestamp("ts") ?? Timestamp(milliseconds: 0), text: fields.string("text") ?? "")
        try fields.finish(allowingUnknown: true)
    }

    package var json: JSONValue {
        ["replica_id": replicaID.json, "ts": .string(at.description), "text": .string(text)]
    }
}

extension WorkerAssignment {
    package init(json: JSONValue) throws(FieldErrors) {
        var fields = JSONFields(json)
        let replicas = fields.array("replicas") ?? []
        let logRequests = fields.array("log_requests") ?? []
        self.init(
            generation: fields.int("generation", required: true) ?? 0,
            replicas: try replicas.map(ReplicaAssignment.init(json:)),
            logRequests: try logRequests.map(LogRequest.init(json:)))
        try fields.finish(allowingUnknown: true)
    }

    package var json: JSONValue {
        [
            "generation": .int(generation), "replicas": .array(replicas.map(\.json)),
            "log_requests": .array(logRequests.map(\.json)),
        ]
    }
}

extension ReplicaAssignment {
    package init(json: JSONValue) throws(FieldErrors) {
        var fields = JSONFields(json)
        self.init(
            replicaID: ID(fields.string("replica_id", required: true) ?? ""),
            workloadSlug: fields.string("workload_slug", required: true) ?? "",
            revision: fields.int("revision", required: true) ?? 1,
            backend: Backend(rawValue: fields.string("backend", required: true) ?? ""),
            taskType: fields.choice("task_type", TaskType.self) ?? .text2text,
            modelName: fields.string("model_name", required: true) ?? "",
            servedNames: fields.strings("served_names") ?? [], config: fields.object("config") ?? [:],
            deviceIDs: fields.strings("device_ids") ?? [], engineKey: fields.string("engine_key") ?? "",
            isDraining: fields.bool("draining") ?? false)
        try fields.finish(allowingUnknown: true)
    }

    package var json: JSONValue {
        [
            "replica_id": replicaID.json, "workload_slug": .string(workloadSlug), "revision": .int(revision),
            "backend": .string(backend.rawValue), "task_type": .string(taskType.rawValue),
            "model_name": .string(modelName), "served_names": .array(servedNames.map { .string($0) }),
            "config": .object(config), "device_ids": .array(deviceIDs.map { .string($0) }),
            "engine_key": .string(engineKey), "draining": .bool(isDraining),
        ]
    }
}

extension LogRequest {
    package init(json: JSONValue) throws(FieldErrors) {
        var fields = JSONFields(json)
        self.init(
            id: fields.string("id", required: true) ?? "",
            replicaID: ID(fields.string("replica_id", required: true) ?? ""), tail: fields.int("tail") ?? 100,
            follow: fields.bool("follow") ?? false)
        try fields.finish(allowingUnknown: true)
    }

    package var json: JSONValue {
        [
            "id": .string(id), "replica_id": replicaID.json, "tail": .int(tail), "follow": .bool(follow),
        ]
    }
}
