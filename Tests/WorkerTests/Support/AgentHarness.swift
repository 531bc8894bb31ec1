import Engines
import Fleet
import Glibc
import InferenceKeyWire
import Logging
import Synchronization
import Testing
import Transport
import Worker

/// One worker with a Manager in memory, and shell scripts for engines.
final class AgentHarness: Sendable {
    let manager = ManagerDouble()
    let folder = TemporaryFolder()
    let machine = SmallMachine()
    var dataFolder: String { folder.path + "/data" }
    /// So far is the clock on the wall from the true time.
    let clockError = Mutex<Int64>(0)

    /// Short times: what takes minutes in life takes parts of a second.
    func configuration(
        _ access: WorkerConfiguration.Access = .credential(ManagerDouble.credential)
    ) throws
        -> WorkerConfiguration
    {
        var configuration = WorkerConfiguration(
            manager: try #require(.init("http://127.0.0.1:1")), dataFolder: dataFolder, access: access, name: "w",
            agentVersion: "0")
        configuration.stopGrace = .milliseconds(500)
        configuration.policy = RestartPolicy(
            firstDelay: .milliseconds(30), maxDelay: .milliseconds(100), outsideDelay: .milliseconds(100),
            capacityDelay: .milliseconds(50))
        configuration.health = HealthLimits(interval: .milliseconds(50), maxFailures: 3)
        configuration.observeEvery = .milliseconds(200)
        return configuration
    }

    func agent(_ configuration: WorkerConfiguration) -> WorkerAgent {
        var logger = Logger(label: "worker")
        logger.logLevel = .critical
        return WorkerAgent(
            configuration, adapters: [ScriptEngine()] + BuiltInEngines.all, inventory: machine,
            environment: ["PATH": "/usr/bin:/bin", "HOME": "/"], logger: logger, link: manager,
            now: { Timestamp.now.adding(milliseconds: self.clockError.withLock { $0 }) })
    }

    /// Runs an agent while `body` runs; then its task is cancelled, as when its process is killed: engines stay.
    func withAgent(
        _ change: (inout WorkerConfiguration) -> Void = { _ in }, _ body: () async throws -> Void
    ) async throws {
        var configuration = try configuration()
        change(&configuration)
        let agent = agent(configuration)
        try await withThrowingTaskGroup { group in
            group.addTask { try await agent.run() }
            try await body()
            group.cancelAll()
        }
    }

    func replica(
        _ id: ReplicaID, _ script: String, revision: Int = 1, config: JSONObject = [:], isDraining: Bool = false
    ) -> ReplicaAssignment {
        var config = config
        if config["program"] == nil { config["program"] = .string(folder.program("engine-\(id)", script)) }
        return ReplicaAssignment(
            replicaID: id, workloadSlug: "w", revision: revision, backend: "script", taskType: .text2text,
            modelName: readyFile(id), servedNames: ["m", "w"], config: config, deviceIDs: [], engineKey: "secret-key",
            isDraining: isDraining)
    }

    func readyFile(_ id: ReplicaID) -> String { "\(folder.path)/ready-\(id)" }

    /// An id that no other test has, as all tests look at the same `/proc`; it names the test.
    func newID(_ test: String = #function) -> ReplicaID {
        ID("rp_\(test.filter(\.isLetter))\(String(UInt64.random(in: 0...UInt64.max), radix: 36))")
    }

    /// Waits until the replica is reported in that state, and gives that report. A stopped one is forgotten soon after.
    func until(
        _ id: ReplicaID, _ state: ReplicaState, within seconds: Int = 60, at location: SourceLocation = #_sourceLocation
    ) async throws -> ReplicaObservation {
        var found: ReplicaObservation?
        await eventually(within: seconds, "\(id) does not become \(state.rawValue)", at: location) {
            let now = state == .stopped ? manager.last(id, state) : manager.replica(id)
            found = now?.state == state ? now : nil
            return found != nil
        }
        if found == nil { print("\(id) is", manager.replica(id).map { "\($0)" } ?? "not reported") }
        return try #require(found, sourceLocation: location)
    }

    /// A run of the agent that brings the replica up; its engine stays. Gives what was last reported of it.
    func leaveRunning(_ replica: ReplicaAssignment) async throws -> ReplicaObservation {
        try await withAgent {
            manager.assign([replica])
            _ = try await until(replica.replicaID, .ready)
        }
        return try #require(manager.replica(replica.replicaID))
    }

    /// Waits until another engine than this one is ready, and alone.
    func untilReplaced(_ first: ReplicaObservation) async {
        let id = first.replicaID
        await eventually("a new one is ready") {
            manager.replica(id)?.state == .ready && manager.replica(id)?.processID != first.processID
        }
        await eventually("it is alone") { ProcessTable.leftovers(of: id, session: nil).count == 1 }
    }

    /// Ends whatever a failed test may have left.
    func sweep(_ id: ReplicaID) {
        for process in ProcessTable.leftovers(of: id, session: nil) { kill(process.id, SIGKILL) }
    }
}

final class SmallMachine: DeviceInventory {
    private let count = Mutex(0)
    /// How often it was looked at.
    var looks: Int { count.withLock { $0 } }

    func read() async -> Inventory {
        count.withLock { $0 += 1 }
        return Inventory(
            hostname: "h", operatingSystem: "o", cpuCount: 1, memoryBytes: 1 << 30,
            devices: [Device(id: "cpu", kind: .cpu, name: "c", memoryBytes: 1 << 30)], engines: [], agentVersion: "0")
    }
}
