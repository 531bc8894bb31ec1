import Fleet
import InferenceKeyWire
import Testing

/// A worker as a test plays it: it takes its assignments and says of its replicas what the test wants.
struct FakeWorker: Sendable {
    let house: ManagerHouse
    var credential: Credential
    var inventory = Inventory(
        hostname: "box", operatingSystem: "Debian 12", cpuCount: 8, memoryBytes: 32 << 30,
        devices: [Device(id: "cpu", kind: .cpu, name: "CPU", memoryBytes: 32 << 30)],
        engines: [
            FoundEngine(backend: .llamacpp, version: "b1", path: "/usr/bin/llama-server"),
            FoundEngine(backend: .vllm, version: "0.11.0", path: "/usr/bin/vllm"),
        ], agentVersion: "test")

    init(_ house: ManagerHouse) {
        self.house = house
        credential = house.worker
    }

    /// Posts a complete observation.
    func say(_ replicas: [ReplicaObservation] = [], generation: Int = .max / 2) async throws {
        let observation = WorkerObservation(generation: generation, inventory: inventory, replicas: replicas)
        let answer = try await house.send("POST", "/api/worker/observation", observation.json, as: credential)
        try #require(answer.status == 200, "\(answer.json.text)")
    }

    /// Watches the assignments.
    func watch<Value>(_ body: (EventTape) async throws -> Value) async throws -> Value {
        try await house.watch("/api/worker/assignment", as: credential, body)
    }
}

extension EventTape {
    /// The next assignment that is like this.
    func assignment(where condition: (WorkerAssignment) -> Bool = { _ in true }) async throws -> WorkerAssignment {
        while let event = try await next() {
            let assignment = try WorkerAssignment(json: event)
            if condition(assignment) { return assignment }
        }
        throw HouseError("the watch ended")
    }
}

extension ReplicaObservation {
    /// A replica as its worker speaks of it.
    static func of(
        _ id: ReplicaID, _ state: ReplicaState, port: Int? = nil, step: ReadinessStep? = nil,
        cause: FailureCause? = nil, reason: String? = nil
    ) -> ReplicaObservation {
        ReplicaObservation(
            replicaID: id, state: state, since: Timestamp(milliseconds: 1), port: port,
            progress: step.map { StepProgress(step: $0) }, cause: cause, reason: reason)
    }
}
