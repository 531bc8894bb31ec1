/// Where one replica is in its life.
public enum ReplicaState: String, Sendable, Hashable, CaseIterable {
    /// Chosen for a worker that has not taken it up yet.
    case placed
    /// The engine is being installed or the model fetched.
    case preparing
    /// The engine's process runs and is not ready yet.
    case starting
    case ready
    /// Gets nothing new; what is in flight finishes.
    case draining
    case stopping
    case stopped
    /// Waits out its back-off after an exit.
    case backingOff = "backing_off"
    /// Will not start without a change.
    case failed
    /// Its worker has not been heard of.
    case lost
}

/// What a starting replica is doing.
public enum ReadinessStep: String, Sendable, Hashable, CaseIterable {
    case place
    case rentMachine = "rent_machine"
    case installEngine = "install_engine"
    case downloadModel = "download_model"
    case startEngine = "start_engine"
    case loadModel = "load_model"
    case warmUp = "warm_up"
}

/// Why something does not run.
public enum FailureCause: String, Sendable, Hashable, CaseIterable {
    case outOfGPUMemory = "out_of_gpu_memory"
    case modelNotFound = "model_not_found"
    case engineMissing = "engine_missing"
    case badCommand = "bad_command"
    case portInUse = "port_in_use"
    case crashLoop = "crash_loop"
    case engineExited = "engine_exited"
    case noCapacity = "no_capacity"
    case workerLost = "worker_lost"
    case storageFull = "storage_full"
    case startTimeout = "start_timeout"
}

/// How far a long step is.
public struct StepProgress: Sendable, Hashable {
    public var step: ReadinessStep
    public var message: String?
    public var bytesDone: Int64?
    public var bytesTotal: Int64?
    public var etaMilliseconds: Int64?
    /// No progress for 60 s.
    public var stalled: Bool

    public init(
        step: ReadinessStep, message: String? = nil, bytesDone: Int64? = nil, bytesTotal: Int64? = nil,
        etaMilliseconds: Int64? = nil, stalled: Bool = false
    ) {
        self.step = step
        self.message = message
        self.bytesDone = bytesDone
        self.bytesTotal = bytesTotal
        self.etaMilliseconds = etaMilliseconds
        self.stalled = stalled
    }

    package init?(json: JSONValue) {
        guard let step = json["step"]?.stringValue.flatMap(ReadinessStep.init(rawValue:)) else { return nil }
        self.init(
            step: step, message: json["message"]?.stringValue, bytesDone: json["bytes_done"]?.intValue.map(Int64.init),
            bytesTotal: json["bytes_total"]?.intValue.map(Int64.init),
            etaMilliseconds: json["eta_ms"]?.intValue.map(Int64.init), stalled: json["stalled"]?.boolValue ?? false)
    }

    package var json: JSONValue {
        var object: JSONObject = ["step": .string(step.rawValue)]
        object["message"] = message.map { .string($0) }
        object["bytes_done"] = bytesDone.map { .int($0) }
        object["bytes_total"] = bytesTotal.map { .int($0) }
        object["eta_ms"] = etaMilliseconds.map { .int($0) }
        if stalled { object["stalled"] = true }
        return .object(object)
    }
}
