/// How a workload stands: desired and observed replicas.
public struct WorkloadReport: Sendable, Hashable {
    public var desired: Int
    public var ready: Int
    public var status: WorkloadStatus
    public var statusReason: String?
    public var revision: Int
    public var replicas: [ReplicaReport]
    /// The answer untouched.
    public var raw: JSONValue

    /// Throws when the answer is none; what this version does not know is tolerated.
    package init(answer json: JSONValue) throws(InferenceKeyError) {
        var fields = JSONFields(json)
        desired = fields.int("desired") ?? 0
        ready = fields.int("ready") ?? 0
        status = fields.string("status").flatMap(WorkloadStatus.init(rawValue:)) ?? .pending
        statusReason = fields.string("status_reason")
        revision = fields.int("revision") ?? 0
        replicas = fields.array("replicas")?.compactMap(ReplicaReport.init(json:)) ?? []
        raw = json
        do throws(FieldErrors) { try fields.finish(allowingUnknown: true) } catch {
            throw InferenceKeyError(
                kind: .api, message: "api error (status 200): the answer is no status: \(error.summary)", status: 200)
        }
    }
}

/// One replica's state with the one reason for it.
public struct ReplicaReport: Sendable, Hashable {
    public var id: String
    public var revision: Int
    public var state: ReplicaState
    public var workerID: String?
    public var deviceIDs: [String]
    public var endpointPort: Int?
    public var reason: String?
    public var cause: FailureCause?
    public var progress: StepProgress?
    public var restarts: Int
    public var since: Timestamp?
    /// The engine's last lines, where they explain the state.
    public var logTail: [String]

    /// Nil for a replica whose state this version does not know.
    init?(json: JSONValue) {
        guard let id = json["id"]?.stringValue,
            let state = json["state"]?.stringValue.flatMap(ReplicaState.init(rawValue:))
        else { return nil }
        self.id = id
        self.state = state
        revision = json["revision"]?.intValue ?? 0
        workerID = json["worker_id"]?.stringValue
        deviceIDs = json["device_ids"]?.arrayValue?.compactMap(\.stringValue) ?? []
        endpointPort = json["port"]?.intValue
        reason = json["reason"]?.stringValue
        cause = json["cause"]?.stringValue.flatMap(FailureCause.init(rawValue:))
        progress = json["progress"].flatMap(StepProgress.init(json:))
        restarts = json["restarts"]?.intValue ?? 0
        since = json["since"]?.stringValue.flatMap(Timestamp.init(rfc3339:))
        logTail = Self.lines(json["log_tail"])
    }

    private static func lines(_ value: JSONValue?) -> [String] {
        value?.arrayValue?.compactMap(\.stringValue)
            ?? value?.stringValue?.split(separator: "\n").map(String.init) ?? []
    }
}
