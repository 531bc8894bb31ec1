import Fleet
import InferenceKeyWire
import Testing

@testable import Manager

@Suite("what a workload declares for Gateways")
struct GatewayConfigTests {
    @Test("wrong routing and limits are refused by field, for every backend")
    func refused() async throws {
        try await ManagerHouse.open { house in
            try await house.makeProject()
            let token = try await house.makeToken()
            let wrong: [(JSONValue, JSONValue, String)] = [
                (["policy": "best"], .null, "config.routing.policy"),
                ("prefix", .null, "config.routing"),
                (["policy": "prefix", "header": "x"], .null, "config.routing.header"),
                (.null, ["concurrency": 0], "config.limits.concurrency"),
                (.null, ["queue": ["length": 1]], "config.limits.queue"),
                (.null, ["replica_concurrency": 2, "queue": ["size": 1]], "config.limits.queue.size"),
            ]
            for (backend, command) in [("llamacpp", "llama-server -m x"), ("vllm", "vllm serve m"), ("ollama", nil)] {
                for (routing, limits, field) in wrong {
                    let config: JSONValue = ["command": .optional(command), "routing": routing, "limits": limits]
                    let answer = try await house.declare(
                        with: [("backend", .string(backend)), ("config", config)], as: token)
                    #expect(answer.status == 400)
                    #expect(answer["fields"]?.objectValue?.keys == [field], "\(backend) \(config.text)")
                }
            }
        }
    }

    @Test("a change of them is a revision that no engine notices", arguments: ["routing", "limits"])
    func inPlace(_ part: String) throws {
        var old = WorkloadRecord(
            id: ID("wl_1"), projectID: ID("pr_1"), slug: "chat", name: "chat", backend: .vllm, modelName: "m",
            createdAt: Timestamp(milliseconds: 0), updatedAt: Timestamp(milliseconds: 0))
        old.config = ["command": "vllm serve m"]
        var new = old
        new.config?[part] = part == "routing" ? ["policy": "prefix"] : ["concurrency": 9]
        let changes = new.changes(since: old)
        #expect(changes.map(\.field) == ["config"])
        #expect(!WorkloadRecord.reachEngine(changes))
        #expect(!WorkloadRecord.reachEngine(old.changes(since: new)))
        new.config?["command"] = "vllm serve m --seed 1"
        #expect(WorkloadRecord.reachEngine(new.changes(since: old)))
    }
}
