/// How far a workload is on its way to serving. Phases never go backwards within one revision.
public enum ReadinessPhase: String, Sendable, Hashable, CaseIterable {
    case scheduling, provisioning, bootstrapping, ready, error

    /// `ready` and `error` end the stream of events.
    public var isFinal: Bool { self == .ready || self == .error }
}

/// One event of the readiness stream.
public struct ReadinessEvent: Sendable, Hashable {
    public var phase: ReadinessPhase
    public var message: String
    /// Since the revision was accepted.
    public var elapsedMilliseconds: Int64
    public var progress: StepProgress?
    public var cause: FailureCause?

    public init(
        phase: ReadinessPhase, message: String, elapsedMilliseconds: Int64, progress: StepProgress? = nil,
        cause: FailureCause? = nil
    ) {
        self.phase = phase
        self.message = message
        self.elapsedMilliseconds = elapsedMilliseconds
        self.progress = progress
        self.cause = cause
    }

    public var step: ReadinessStep? { progress?.step }

    /// Nil when the value has no phase this version knows.
    public init?(json: JSONValue) {
        guard let phase = json["phase"]?.stringValue.flatMap(ReadinessPhase.init(rawValue:)) else { return nil }
        self.init(
            phase: phase, message: json["message"]?.stringValue ?? "",
            elapsedMilliseconds: Int64(json["elapsed_ms"]?.intValue ?? 0), progress: StepProgress(json: json),
            cause: json["cause"]?.stringValue.flatMap(FailureCause.init(rawValue:)))
    }

    public var json: JSONValue {
        var object: JSONObject = [
            "phase": .string(phase.rawValue), "message": .string(message), "elapsed_ms": .int(elapsedMilliseconds),
        ]
        for (key, value) in progress?.json.objectValue ?? [:] where key != "message" { object[key] = value }
        object["cause"] = cause.map { .string($0.rawValue) }
        return .object(object)
    }
}
