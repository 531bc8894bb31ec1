package import InferenceKeyWire

/// What a worker sees of itself: complete, posted on every change and every few seconds.
package struct WorkerObservation: Sendable, Hashable {
    /// The generation of the assignment it works on.
    package var generation: Int
    package var inventory: Inventory
    /// Every replica it knows of, those it is stopping included.
    package var replicas: [ReplicaObservation]

    package init(generation: Int, inventory: Inventory, replicas: [ReplicaObservation]) {
        self.generation = generation
        self.inventory = inventory
        self.replicas = replicas
    }
}

/// What a worker sees of one replica.
package struct ReplicaObservation: Sendable, Hashable {
    package var replicaID: ReplicaID
    package var state: ReplicaState
    /// Since when it is in that state.
    package var since: Timestamp
    /// The engine's port on the worker's loopback, once it has one.
    package var port: Int?
    /// The engine's process, while there is one.
    package var processID: Int?
    package var restarts: Int
    package var progress: StepProgress?
    package var cause: FailureCause?
    /// The one reason for the state, for people.
    package var reason: String?
    /// The last lines of its log after a failure, at most 20.
    package var logTail: [String]

    package static let maxLogTailLines = 20

    package init(
        replicaID: ReplicaID, state: ReplicaState, since: Timestamp, port: Int? = nil, processID: Int? = nil,
        restarts: Int = 0, progress: StepProgress? = nil, cause: FailureCause? = nil, reason: String? = nil,
        logTail: [String] = []
    ) {
        self.replicaID = replicaID
        self.state = state
        self.since = since
        self.port = port
        self.processID = processID
        self.restarts = restarts
        self.progress = progress
        self.cause = cause
        self.reason = reason
        self.logTail = logTail
    }
}

extension WorkerObservation {
    package init(json: JSONValue) throws(FieldErrors) {
        var fields = JSONFields(json)
        let replicas = fields.array("replicas") ?? []
        let inventory = fields.object("inventory", required: true) ?? [:]
        self.init(
            generation: fields.int("generation") ?? 0, inventory: try Inventory(json: .object(inventory)),
            replicas: try replicas.map(ReplicaObservation.init(json:)))
        try fields.finish(allowingUnknown: true)
    }

    package var json: JSONValue {
        [
            "generation": .int(generation), "inventory": inventory.json, "replicas": .array(replicas.map(\.json)),
        ]
    }
}

extension ReplicaObservation {
    package init(json: JSONValue) throws(FieldErrors) {
        var fields = JSONFields(json)
        self.init(
            replicaID: ID(fields.string("replica_id", required: true) ?? ""),
            state: fields.choice("state", ReplicaState.self, required: true) ?? .placed,
            since: fields.timestamp("since") ?? Timestamp(milliseconds: 0), port: fields.int("port", in: 1...65_535),
            processID: fields.int("process_id"), restarts: fields.int("restarts") ?? 0,
            progress: fields.value("progress").flatMap(StepProgress.init(json:)),
            cause: fields.choice("cause", FailureCause.self), reason: fields.string("reason"),
            logTail: fields.strings("log_tail") ?? [])
        try fields.finish(allowingUnknown: true)
    }

    package var json: JSONValue {
        [
            "replica_id": replicaID.json, "state": .string(state.rawValue), "since": .string(since.description),
            "port": .optional(port), "process_id": .optional(processID), "restarts": .int(restarts),
            "progress": progress?.json ?? .null, "cause": .optional(cause?.rawValue), "reason": .optional(reason),
            "log_tail": .array(logTail.map { .string($0) }),
        ]
    }
}
