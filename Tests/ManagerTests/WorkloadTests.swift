import Fleet
import InferenceKeyWire
import Testing
import Transport

@testable import Manager

@Suite("Workloads over the API")
struct WorkloadTests {
    @Test("a workload is declared, read, listed, changed and deleted")
    func story() async throws {
        try await ManagerHouse.open { house in
            try await house.makeProject()
            let token = try await house.makeToken()
            let made = try await house.declare(as: token)
            #expect(made.status == 201)
            #expect(made.head["etag"] == "\"1\"")
            let id = try #require(made["id"]?.stringValue)
            #expect(id.hasPrefix("wl_") && id.count == 29)
            #expect(made["project_slug"] == "acme" && made["workload_slug"] == "chat" && made["slug"] == "chat")
            #expect(made["description"] == .null && made["worker_id"] == .null && made["execution_policy"] == "fixed")
            #expect(made["status"]?.stringValue == "pending")

            #expect(try await house.send("GET", "/api/workloads/\(id)", as: token).json["id"] == made["id"])
            #expect(try await house.send("GET", "/api/workloads/chat", as: token).json["id"] == made["id"])
            let list = try await house.send("GET", "/api/projects/acme/workloads", as: token)
            #expect(list.json.arrayValue?.count == 1)

            let changed = try await house.send("PATCH", "/api/workloads/\(id)", ["name": "Chatty"], as: token)
            #expect(changed.status == 200 && changed["revision"] == 2 && changed["name"] == "Chatty")
            let history = try await house.send("GET", "/api/workloads/\(id)/revisions", as: token)
            #expect(history.json.arrayValue?.count == 2)
            #expect(history.json.arrayValue?.last?["by"]?.stringValue == token.description)
            #expect(history.json.arrayValue?.last?["changes"] == [["field": "name", "from": "chat", "to": "Chatty"]])

            #expect(try await house.send("DELETE", "/api/workloads/\(id)", as: token).status == 204)
            #expect(try await house.send("GET", "/api/projects/acme/workloads", as: token).json == [])
            try await eventually("the workload is gone") {
                try await house.send("GET", "/api/workloads/\(id)", as: token)["error"] == "workload_not_found"
            }
        }
    }

    @Test("a list is sorted by slug, filtered and paged")
    func paging() async throws {
        try await ManagerHouse.open { house in
            try await house.makeProject()
            let token = try await house.makeToken()
            for slug in ["c", "a", "e", "b", "d"] { _ = try await house.declare(slug, as: token) }
            var path: String? = "/api/projects/acme/workloads?limit=2"
            var pages: [[String]] = []
            while let next = path {
                let page = try await house.send("GET", next, as: token)
                pages.append((page.json.arrayValue ?? []).compactMap { $0["slug"]?.stringValue })
                path = page.head["link"].map { String($0.dropFirst().prefix { $0 != ">" }) }
            }
            #expect(pages == [["a", "b"], ["c", "d"], ["e"]])
            let one = try await house.send("GET", "/api/projects/acme/workloads?slug=d", as: token)
            #expect(one.json.arrayValue?.map { $0["slug"] } == ["d"])
            #expect(try await house.send("GET", "/api/projects/acme/workloads?slug=x", as: token).json == [])
            let wrong = try await house.send("GET", "/api/projects/acme/workloads?slg=d", as: token)
            #expect(wrong.status == 400 && wrong.json["fields"]?["slg"]?.stringValue?.contains("\"slug\"") == true)
            let bad = try await house.send("GET", "/api/projects/acme/workloads?limit=0", as: token)
            #expect(bad.json["fields"]?["limit"] != nil)
        }
    }

    @Test("a hundred creates of one spec from ten tasks make one workload and one revision")
    func idempotentCreate() async throws {
        try await ManagerHouse.open { house in
            try await house.makeProject()
            let token = try await house.makeToken()
            let answers = try await withThrowingTaskGroup { group in
                for _ in 0..<10 {
                    group.addTask {
                        var answers: [HouseAnswer] = []
                        for _ in 0..<10 { answers.append(try await house.declare(as: token)) }
                        return answers
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(answers.count { $0.status == 201 } == 1)
            #expect(answers.count { $0.status == 200 } == 99)
            #expect(Set(answers.map { $0["id"] }).count == 1)
            #expect(answers.allSatisfy { $0["revision"] == 1 })
            let other = try await house.declare(with: [("description", "another")], as: token)
            #expect(other.status == 409 && other.error == "conflict")
            #expect(other.head["x-should-retry"] == "false")
            #expect(other["message"]?.stringValue?.contains("description") == true)
        }
    }

    @Test("If-Match guards a change, and a change of nothing is none")
    func ifMatch() async throws {
        try await ManagerHouse.open { house in
            try await house.makeProject()
            let token = try await house.makeToken()
            let id = try #require(try await house.declare(as: token)["id"]?.stringValue)
            func patch(_ body: JSONValue, _ match: String) async throws -> HouseAnswer {
                try await house.send(
                    "PATCH", "/api/workloads/\(id)", body, as: token, headers: [HTTPField("If-Match", match)])
            }
            #expect(try await patch(["name": "b"], "\"1\"").status == 200)
            let stale = try await patch(["name": "c"], "\"1\"")
            #expect(stale.status == 412 && stale.error == "revision_mismatch")
            #expect(try await patch(["name": "c"], "soon")["fields"]?["if-match"] != nil)
            let same = try await patch(["name": "b", "config": ["command": "llama-server -m tiny.gguf"]], "\"2\"")
            #expect(same.status == 200 && same["revision"] == 2)
            let history = try await house.send("GET", "/api/workloads/\(id)/revisions", as: token)
            #expect(history.json.arrayValue?.count == 2)
        }
    }

    @Test(
        "what is wrong with a spec is said by field",
        arguments: [
            (["nme": "x"], "nme", "did you mean \"name\""), (["slug": "Not A Slug"], "slug", "not-a-slug"),
            (["backend": "vlm"], "backend", "did you mean \"vllm\""),
            (["backend": "vllm"], "config.command", "must begin with \"vllm serve\""),
            (["config": ["command": ""]], "config.command", "is empty"),
            (["config": [:]], "config.command", "required"),
            (["config": ["command": "llama-server | tee"]], "config.command", "without a shell"),
            (["config": ["command": 7]], "config.command", "must be a string"),
            (["config": ["command": "llama-server", "vllm_version": "0.11.2"]], "config.vllm_version", "vllm and"),
            (["config": ["command": "llama-server", "env": ["A": 1]]], "config.env.A", "must be a string"),
            (["config": ["command": "llama-server", "env": ["LD_PRELOAD": "x"]]], "config.env.LD_PRELOAD", "may not"),
            (
                ["config": ["command": "llama-server", "env": ["CUDA_VISIBLE_DEVICES": "0"]]],
                "config.env.CUDA_VISIBLE_DEVICES", "may not"
            ), (["config": ["command": "llama-server --host 0.0.0.0"]], "config.command", "--host 0.0.0.0"),
            (["config": ["command": "llama-server --api-key x"]], "config.command", "--api-key"),
            (["config": ["command": "llama-server", "x": .nested(64)]], "config", "deeper than 64"),
            (
                ["config": ["command": "llama-server", "x": .string(String(repeating: "x", count: 65_536))]], "config",
                "larger than 65536 bytes"
            ), (["model_name": "--flag"], "model_name", "dash"),
            (["config": ["command": "llama-server", "env": ["a b": "x"]]], "config.env.a b", "no name"),
            (["task_type": "chat"], "task_type", "one of text2text"),
            (["task_type": "forecast"], "task_type", "custom"),
            (["execution_policy": "autoscaling"], "execution_policy", "must be fixed"),
            (["execution_policy_config": ["replicas": 65]], "execution_policy_config.replicas", "from 0 to 64"),
            (["execution_policy_config": ["replica": 1]], "execution_policy_config.replica", "did you mean"),
            (["model_name": " "], "model_name", "blank"), (["name": ""], "name", "blank"),
            (
                ["description": .string("key ik_live_0a1b2c3d_\(String(repeating: "0", count: 64))")], "description",
                "secrets"
            ),
            (["config": ["command": "llama-server", "a": [["b": "ik_sdk_oops"]]]], "config.a[0].b", "secrets"),
        ] as [([String: JSONValue], String, String)])
    func badSpecs(_ change: [String: JSONValue], _ field: String, _ reason: String) async throws {
        try await ManagerHouse.open { house in
            try await house.makeProject()
            let token = try await house.makeToken()
            let answer = try await house.declare(with: change.map { ($0.key, $0.value) }, as: token)
            #expect(answer.status == 400 && answer.error == "invalid_request", "\(answer.json.text)")
            let found = answer["fields"]?[field]?.stringValue
            #expect(found?.contains(reason) == true, "\(answer.json.text)")
            #expect(!answer.json.text.contains("00000000"))
        }
    }

    @Test("a vLLM version is exact", arguments: ["0.11.2", "0.11.2.post1", "0.12.0rc1", "0.11.0+cpu", "1.0"])
    func exactVersions(_ version: String) { #expect(ExactVersion.isValid(version)) }

    @Test(
        "a range is no version",
        arguments: ["", "latest", "0", ">=0.11", "0.11.*", "0.11.", "v0.11.2", "0.11+", "0 .1"])
    func inexactVersions(_ version: String) { #expect(!ExactVersion.isValid(version)) }

    @Test("keys that no backend knows are kept as they were spelled")
    func ownConfig() async throws {
        try await ManagerHouse.open { house in
            try await house.makeProject()
            let token = try await house.makeToken()
            let config: JSONValue = ["zeta": 1.50, "command": "llama-server -m x", "alpha": ["deep": [1, nil, true]]]
            let made = try await house.declare(with: [("config", config)], as: token)
            #expect(made.status == 201)
            #expect(made["config"]?.text == config.text)
        }
    }

    @Test("a slug whose workload is still being deleted may be tried again")
    func deletingConflict() async throws {
        try await ManagerHouse.open { house in
            try await house.makeProject()
            let token = try await house.makeToken()
            let worker = FakeWorker(house)
            try await worker.say()
            try await worker.watch { tape in
                let id = try #require(try await house.declare(as: token)["id"]?.stringValue)
                let replica = try await tape.assignment { !$0.replicas.isEmpty }.replicas[0].replicaID
                try await worker.say([.of(replica, .ready, port: 4100)])
                try await eventually("it is ready") {
                    try await house.send("GET", "/api/workloads/\(id)", as: token)["status"] == "ready"
                }
                #expect(try await house.send("DELETE", "/api/workloads/\(id)", as: token).status == 204)
                let again = try await house.declare(as: token)
                #expect(again.status == 409 && again.head["x-should-retry"] == "true")
                #expect(again.head["retry-after-ms"] == "1000")
                #expect(try await house.send("GET", "/api/workloads/chat", as: token).status == 404)
                let byID = try await house.send("GET", "/api/workloads/\(id)", as: token)
                #expect(byID["status"] == "deleting")
                let patch = try await house.send("PATCH", "/api/workloads/\(id)", ["name": "x"], as: token)
                #expect(patch.status == 409 && patch.head["x-should-retry"] == "false")
                #expect(try await house.send("DELETE", "/api/workloads/\(id)", as: token).status == 204)
                _ = try await tape.assignment { $0.replicas.isEmpty }
                try await worker.say([])
                try await eventually("the slug is free") { try await house.declare(as: token).status == 201 }
            }
        }
    }
}
