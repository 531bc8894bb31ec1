import Files
import Fleet
import Glibc
import InferenceKeyWire
import Testing
import Transport
import Worker

/// The real llama-server and tiny model that `scripts/` make. Without them these tests are skipped.
private enum RealEngine {
    static let cache: String = {
        let home = getenv("HOME").map { String(cString: $0) } ?? "/"
        return getenv("IK_CACHE").map { String(cString: $0) } ?? home + "/.cache/inferencekey"
    }()
    static let engines = cache + "/engines"
    static let model = cache + "/models/tiny.gguf"
    static var isThere: Bool {
        FileStatus.isProgram(engines + "/llamacpp/bin/llama-server") && FileStatus(model) != nil
    }
}

@Suite("A real llama-server", .enabled(if: RealEngine.isThere), .timeLimit(.minutes(5)))
struct RealLlamaServerTests {
    private let harness = AgentHarness()
    private var manager: ManagerDouble { harness.manager }

    private func replica(
        _ id: ReplicaID, _ command: String? = nil, model: String = RealEngine.model
    ) -> ReplicaAssignment {
        let config: JSONObject = command.map { ["command": .string($0)] } ?? [:]
        return ReplicaAssignment(
            replicaID: id, workloadSlug: "w", revision: 1, backend: .llamacpp, taskType: .text2text, modelName: model,
            servedNames: [model, "w"], config: config, deviceIDs: [],
            engineKey: String(repeating: "5e", count: 32), isDraining: false)
    }

    private func withAgent(_ body: () async throws -> Void) async throws {
        try await harness.withAgent(
            {
                $0.engineFolders = [RealEngine.engines]
                $0.policy = RestartPolicy(firstDelay: .milliseconds(200))
            }, body)
    }

    @Test("is found, started, asks for its key, crashes, comes back, and is taken over")
    func life() async throws {
        let id = harness.newID()
        let command = "llama-server -m \(RealEngine.model) -c 512 --alias tiny --metrics"
        var first: ReplicaObservation?
        try await withAgent {
            manager.assign([replica(id, command)])
            let ready = try await harness.until(id, .ready)
            let base = try #require(BaseURL("http://127.0.0.1:\(ready.port ?? 0)"))
            let client = HTTPClient()
            let body = Array("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"max_tokens\":4}".utf8)
            func chat(_ key: String) async throws -> HTTPAnswer {
                try await client.send(
                    HTTPRequest(
                        "POST", base, "/v1/chat/completions",
                        headers: [
                            HTTPField("authorization", "Bearer \(key)"), HTTPField("content-type", "application/json"),
                        ],
                        body: body))
            }
            #expect(try await chat("wrong").head.status == 401)
            let answer = try await chat(String(repeating: "5e", count: 32))
            #expect(answer.head.status == 200)
            #expect(try JSONValue(parsing: answer.body)["model"]?.stringValue == "tiny")
            kill(Int32(ready.processID ?? 0), SIGKILL)
            await eventually("it comes back") {
                manager.replica(id)?.state == .ready && manager.replica(id)?.restarts == 1
            }
            first = manager.replica(id)
        }
        let posts = manager.seen.observations.count
        try await withAgent {
            await eventually("it is taken over") {
                manager.seen.observations.count > posts && manager.replica(id)?.state == .ready
            }
            #expect(manager.replica(id)?.processID == first?.processID)
            manager.assign([])
            _ = try await harness.until(id, .stopped)
            #expect(ProcessTable.leftovers(of: id, session: nil).isEmpty)
        }
    }

    @Test(
        "says what is wrong",
        arguments: [
            ("llama-server -m /nope/missing.gguf", FailureCause.modelNotFound, "failed to open GGUF file"),
            ("llama-server -m \(RealEngine.model) --no-such-flag", .badCommand, "invalid argument: --no-such-flag"),
        ])
    func failures(command: String, cause: FailureCause, words: String) async throws {
        let id = harness.newID()
        try await withAgent {
            manager.assign([replica(id, command)])
            let failed = try await harness.until(id, .failed)
            #expect(failed.cause == cause)
            #expect(failed.reason?.contains(words) ?? false, "\(failed.reason ?? "")")
            manager.assign([])
            _ = try await harness.until(id, .stopped)
        }
    }

    @Test("ten at once, each on a port of its own")
    func many() async throws {
        let ids = (0..<10).map { _ in harness.newID() }
        try await withAgent {
            manager.assign(ids.map { replica($0, "llama-server -m \(RealEngine.model) -c 256 -np 1 -t 1") })
            for id in ids { _ = try await harness.until(id, .ready) }
            #expect(Set(ids.compactMap { manager.replica($0)?.port }).count == 10)
            manager.assign([])
            for id in ids { _ = try await harness.until(id, .stopped) }
        }
    }
}
