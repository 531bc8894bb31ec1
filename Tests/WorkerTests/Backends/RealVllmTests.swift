import Files
import Fleet
import Glibc
import InferenceKeyWire
import Testing
import Transport
import Worker

/// The real vLLM and tiny model that `scripts/` make; minutes on two cores, so only with `IK_SLOW_TESTS` set.
private enum RealVllm {
    static let cache: String = {
        let home = getenv("HOME").map { String(cString: $0) } ?? "/"
        return getenv("IK_CACHE").map { String(cString: $0) } ?? home + "/.cache/inferencekey"
    }()
    static let model = cache + "/models/tiny-llama"
    static var isWanted: Bool { getenv("IK_SLOW_TESTS") != nil && FileStatus(model) != nil }
}

@Suite("A real vLLM", .enabled(if: RealVllm.isWanted), .serialized, .timeLimit(.minutes(10)))
struct RealVllmTests {
    private let harness = AgentHarness()
    private var manager: ManagerDouble { harness.manager }

    private func replica(_ id: ReplicaID, _ flags: String, model: String = RealVllm.model) -> ReplicaAssignment {
        ReplicaAssignment(
            replicaID: id, workloadSlug: "w", revision: 1, backend: .vllm, taskType: .text2text, modelName: model,
            servedNames: [model, "w"],
            config: [
                "command": .string("vllm serve \(model) --dtype float32 --enforce-eager \(flags)"),
                "env": ["VLLM_CPU_KVCACHE_SPACE": "1", "HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1"],
                "vllm_version": "0.32.0",
            ], deviceIDs: [], engineKey: String(repeating: "5e", count: 32), isDraining: false)
    }

    private func withAgent(_ body: () async throws -> Void) async throws {
        try await harness.withAgent(
            {
                $0.engineFolders = [RealVllm.cache + "/engines"]
                $0.policy = RestartPolicy(firstDelay: .milliseconds(200))
                $0.health = HealthLimits()
                $0.stopGrace = .seconds(30)
            }, body)
    }

    private func steps(of id: ReplicaID) -> [ReadinessStep] {
        var steps: [ReadinessStep] = []
        for step in manager.seen.observations.flatMap(\.replicas).filter({ $0.replicaID == id }).compactMap(
            \.progress?.step)
        where steps.last != step { steps.append(step) }
        return steps
    }

    @Test("becomes ready step by step, outlives the agent, dies whole, comes back, and stops without a trace")
    func life() async throws {
        let id = harness.newID()
        var first: ReplicaObservation?
        try await withAgent {
            manager.assign([replica(id, "--max-model-len 512")])
            first = try await harness.until(id, .ready, within: 240)
            // A tiny model is loaded between two looks at the log.
            #expect(steps(of: id).filter { $0 != .loadModel } == [.place, .startEngine, .warmUp])
            let processes = ProcessTable.replicas()[id] ?? []
            let session = ProcessTable.leftovers(of: id, session: nil)
            #expect(processes.count >= 3, "vLLM's children carry the marker")
            #expect(session.count == processes.count)
        }
        let posts = manager.seen.observations.count
        try await withAgent {
            await eventually("it is taken over") {
                manager.seen.observations.count > posts && manager.replica(id)?.state == .ready
            }
            #expect(manager.replica(id)?.processID == first?.processID)
            kill(Int32(first?.processID ?? 0), SIGKILL)
            await eventually(within: 240, "it is ready again") {
                manager.replica(id)?.state == .ready && manager.replica(id)?.restarts == 1
            }
            let again = try #require(manager.replica(id))
            #expect(again.state == .ready && again.restarts == 1, "\(again)")
            manager.assign([])
            _ = try await harness.until(id, .stopped, within: 60)
            #expect(ProcessTable.leftovers(of: id, session: nil).isEmpty)
        }
    }

    @Test(
        "says what is wrong",
        arguments: [
            ("--no-such-flag", FailureCause.badCommand, ReplicaState.failed),
            ("--max-model-len 99999999", .badCommand, .failed),
        ])
    func failures(flags: String, cause: FailureCause, state: ReplicaState) async throws {
        let id = harness.newID()
        try await withAgent {
            manager.assign([replica(id, flags)])
            let failed = try await harness.until(id, state, within: 120)
            print("vllm \(flags): \(failed.reason ?? "")")
            #expect(failed.cause == cause)
            manager.assign([])
            _ = try await harness.until(id, .stopped)
        }
    }

    @Test("says that a model is not there", arguments: ["nosuch/model-at-all", "/nope/missing"])
    func noModel(model: String) async throws {
        let id = harness.newID()
        try await withAgent {
            manager.assign([replica(id, "", model: model)])
            let failed = try await harness.until(id, .failed, within: 120)
            print("vllm serve \(model): \(failed.reason ?? "")")
            #expect(failed.cause == .modelNotFound)
            manager.assign([])
            _ = try await harness.until(id, .stopped)
        }
    }
}
