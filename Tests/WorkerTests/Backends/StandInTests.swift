import Files
import Fleet
import Glibc
import InferenceKeyWire
import Testing
import Transport
import Worker

/// The stand-in speaks like each engine. It is no evidence that an engine works, but for what the worker makes of it.
@Suite("Every backend's adapter, against the stand-in engine", .timeLimit(.minutes(5)))
struct StandInTests {
    private let harness = AgentHarness()
    private var manager: ManagerDouble { harness.manager }

    private static let programs: String = {
        let tests = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        return "/" + tests + "/stand-in/bin"
    }()

    private func replica(
        _ id: ReplicaID, _ backend: Backend, _ model: String = "org/model", command: String? = nil, standIn: String = ""
    ) -> ReplicaAssignment {
        var config: JSONObject = ["env": ["STAND_IN": .string(standIn)]]
        if let command { config["command"] = .string(command) }
        return ReplicaAssignment(
            replicaID: id, workloadSlug: "w", revision: 1, backend: backend, taskType: .text2text, modelName: model,
            servedNames: [model, "w"], config: config, deviceIDs: [],
            engineKey: String(repeating: "5e", count: 32), isDraining: false)
    }

    private func run(
        _ replica: ReplicaAssignment, _ body: (ReplicaID) async throws -> Void
    ) async throws {
        try await harness.withAgent({
            $0.engineSearchPath = [Self.programs]
            $0.policy.firstDelay = .seconds(600)
            $0.policy.maxDelay = .seconds(600)
            $0.policy.outsideDelay = .seconds(600)
        }) {
            manager.assign([replica])
            try await body(replica.replicaID)
            manager.assign([])
            _ = try await harness.until(replica.replicaID, .stopped)
            #expect(ProcessTable.leftovers(of: replica.replicaID, session: nil).isEmpty)
        }
    }

    @Test("it starts with the default command, becomes ready, and answers on its port", arguments: Backend.builtIn)
    func starts(backend: Backend) async throws {
        try await run(replica(harness.newID(), backend, standIn: "start_delay=0.1")) { id in
            let ready = try await harness.until(id, .ready)
            let base = try #require(BaseURL("http://127.0.0.1:\(ready.port ?? 0)"))
            let answer = try await HTTPClient().send(
                HTTPRequest("GET", base, backend == .ollama ? "/api/ps" : "/health"))
            #expect(answer.head.status == 200)
            #expect(ready.reason == nil)
        }
    }

    @Test(
        "a failed start has its cause",
        arguments: [
            (Backend.vllm, "cuda_oom", FailureCause.outOfGPUMemory), (.vllm, "cuda_free", .outOfGPUMemory),
            (.vllm, "no_kv_cache", .outOfGPUMemory), (.vllm, "model_not_found", .modelNotFound),
            (.vllm, "hub_unreachable", .modelNotFound), (.vllm, "not_cached", .modelNotFound),
            (.vllm, "no_folder", .modelNotFound), (.vllm, "bad_flag", .badCommand), (.vllm, "segfault", .engineExited),
            (.llamacpp, "llama_oom", .outOfGPUMemory), (.llamacpp, "llama_no_model", .modelNotFound),
            (.sglang, "sglang_oom", .outOfGPUMemory),
        ])
    func fails(backend: Backend, log: String, cause: FailureCause) async throws {
        try await run(replica(harness.newID(), backend, standIn: "exit=1,log=\(log)")) { id in
            await eventually("it has failed") { manager.replica(id)?.cause != nil }
            let failed = try #require(manager.replica(id))
            #expect(failed.cause == cause, "\(failed)")
            let isFinal = [.modelNotFound, .badCommand].contains(cause)
            #expect(failed.state == (isFinal ? .failed : .backingOff))
            #expect(failed.reason?.hasPrefix("the engine exited with status 1: ") ?? false)
            #expect(!failed.logTail.isEmpty)
        }
    }

    @Test("the bytes of a download are told while it runs")
    func download() async throws {
        let standIn = "download_bytes=1000000000,download_s=2"
        try await run(replica(harness.newID(), .vllm, standIn: standIn)) { id in
            _ = try await harness.until(id, .ready)
            let steps = manager.seen.observations.flatMap(\.replicas).filter { $0.replicaID == id }.compactMap(
                \.progress)
            let bytes = steps.filter { $0.step == .downloadModel }.compactMap(\.bytesDone)
            #expect(Set(bytes).count >= 2)
            #expect(bytes == bytes.sorted())
            #expect(steps.contains { $0.bytesTotal == 1_000_000_000 })
        }
    }

    @Test("an Ollama model is pulled with its bytes told, then loaded")
    func ollamaPull() async throws {
        let standIn = "download_bytes=500000000,download_s=1,start_delay=0.2"
        try await run(replica(harness.newID(), .ollama, "qwen2.5:0.5b", standIn: standIn)) { id in
            _ = try await harness.until(id, .ready)
            let steps = manager.seen.observations.flatMap(\.replicas).filter { $0.replicaID == id }.compactMap(
                \.progress)
            #expect(steps.contains { $0.step == .downloadModel && ($0.bytesDone ?? 0) > 0 })
            #expect(steps.contains { $0.step == .loadModel })
        }
    }

    @Test("an Ollama model that does not exist is model_not_found")
    func ollamaMissing() async throws {
        try await run(replica(harness.newID(), .ollama, "missing:1b")) { id in
            await eventually("it has failed") { manager.replica(id)?.state == .failed }
            #expect(manager.replica(id)?.cause == .modelNotFound)
            #expect(
                manager.replica(id)?.reason
                    == "Ollama did not pull missing:1b: pull model manifest: file does not exist")
        }
    }

    @Test("a key that an engine prints does not stand in what is reported")
    func leakedKey() async throws {
        try await run(replica(harness.newID(), .vllm, standIn: "leak_key=1,exit=1,log=bad_flag")) { id in
            await eventually("it has failed") { manager.replica(id)?.state == .failed }
            let tail = manager.replica(id)?.logTail ?? []
            #expect(tail.contains { $0.contains("api_key='…'") })
            #expect(!tail.contains { $0.contains("5e5e5e") })
        }
    }

    @Test("an engine that ignores SIGTERM and leaves children is gone all the same", arguments: ["group", "session"])
    func stubborn(child: String) async throws {
        try await run(replica(harness.newID(), .vllm, standIn: "on_term=ignore,child=\(child)")) { id in
            _ = try await harness.until(id, .ready)
            #expect(ProcessTable.leftovers(of: id, session: nil).count >= 2)
        }
    }

    @Test("a flood of log lines costs bounded memory and rotates")
    func flood() async throws {
        let id = harness.newID()
        try await harness.withAgent({
            $0.engineSearchPath = [Self.programs]
            $0.logs = LogLimits(rotation: LogRotation(maxBytes: 1 << 20))
        }) {
            manager.assign([replica(id, .vllm, standIn: "flood=50000,flood_bytes=200")])
            _ = try await harness.until(id, .ready)
            let path = ReplicaFolder(id, in: harness.dataFolder + "/replicas").logPath
            await eventually("it is rotated twice") { FileStatus(path + ".2") != nil }
            #expect(manager.replica(id)?.state == .ready)
            manager.assign([])
            _ = try await harness.until(id, .stopped)
        }
    }
}
