import Fleet
import InferenceKeyWire
import Testing
import Transport

@testable import Manager

@Suite("The readiness stream")
struct ReadinessTests {
    private let path = "/api/projects/acme/workloads/chat/readiness-events"

    @Test("tells the whole way from declared to ready, and ends")
    func story() async throws {
        try await ManagerHouse.open { house in
            try await house.makeProject()
            let token = try await house.makeToken()
            let worker = FakeWorker(house)
            _ = try await house.declare(as: token)
            try await house.watch(path, as: token) { tape in
                let first = try #require(try await tape.next())
                #expect(first["phase"] == "scheduling")
                #expect(first["elapsed_ms"]?.intValue.map { $0 >= 0 } == true)
                #expect(first["message"]?.stringValue?.isEmpty == false)
                try await worker.say()
                let placed = try await tape.first { $0["phase"] == "provisioning" }
                #expect(placed != nil)
                try await worker.watch { assignments in
                    let replica = try await assignments.assignment { !$0.replicas.isEmpty }.replicas[0].replicaID
                    try await worker.say([.of(replica, .preparing, step: .downloadModel)])
                    let download = try await tape.first { $0["step"] == "download_model" }
                    #expect(download?["phase"] == "bootstrapping")
                    try await worker.say([.of(replica, .starting, step: .loadModel)])
                    #expect(try await tape.first { $0["step"] == "load_model" } != nil)
                    try await worker.say([.of(replica, .ready, port: 4100)])
                    let last = try await tape.first { $0["phase"] == "ready" }
                    #expect(last != nil)
                    #expect(try await tape.next() == nil)
                }
            }
        }
    }

    @Test("never goes back to an earlier phase within a revision")
    func forward() async throws {
        try await ManagerHouse.open { house in
            try await house.makeProject()
            let token = try await house.makeToken()
            let worker = FakeWorker(house)
            try await worker.say()
            _ = try await house.declare(as: token)
            try await worker.watch { assignments in
                let replica = try await assignments.assignment { !$0.replicas.isEmpty }.replicas[0].replicaID
                try await house.watch(path, as: token) { tape in
                    try await worker.say([.of(replica, .starting, step: .loadModel)])
                    #expect(try await tape.first { $0["phase"] == "bootstrapping" } != nil)
                    try await worker.say([.of(replica, .preparing, step: .installEngine)])
                    #expect(try await tape.first { $0["step"] == "install_engine" }?["phase"] == "bootstrapping")
                }
                try await house.watch(path, as: token) { tape in
                    let snapshot = try await tape.next()
                    #expect(snapshot?["phase"] == "bootstrapping")
                }
            }
        }
    }

    @Test("ends with the cause when a start fails for good")
    func failure() async throws {
        try await ManagerHouse.open { house in
            try await house.makeProject()
            let token = try await house.makeToken()
            let worker = FakeWorker(house)
            try await worker.say()
            _ = try await house.declare(as: token)
            try await worker.watch { assignments in
                let replica = try await assignments.assignment { !$0.replicas.isEmpty }.replicas[0].replicaID
                try await worker.say([
                    .of(replica, .backingOff, cause: .modelNotFound, reason: "no model tiny.gguf on the worker")
                ])
                try await house.watch(path, as: token) { tape in
                    let end = try await tape.first { $0["phase"] == "error" }
                    #expect(end?["cause"] == "model_not_found")
                    #expect(end?["message"]?.stringValue?.contains("tiny.gguf") == true)
                    #expect(try await tape.next() == nil)
                }
                let status = try await house.send("GET", "/api/workloads/chat/status", as: token)
                #expect(status["status"] == "failed" && status["cause"] == "model_not_found")
                let shown = status["replicas"]?.arrayValue?.first
                #expect(shown?["id"] == replica.json && shown?["state"] == "backing_off")
                #expect(shown?["reason"]?.stringValue?.contains("tiny.gguf") == true)
            }
        }
    }

    @Test("says that nothing can run it, keeps the connection alive, and ends when the workload is deleted")
    func noWorker() async throws {
        try await ManagerHouse.open { house in
            try await house.makeProject()
            let token = try await house.makeToken()
            _ = try await house.declare(as: token)
            try await house.watch(path, as: token) { tape in
                #expect(try await tape.next()?["phase"] == "scheduling")
                try await tape.comment()
                _ = try await house.send("DELETE", "/api/workloads/chat", as: token)
                let end = try await tape.first { $0["phase"] == "error" }
                #expect(end?["message"]?.stringValue?.contains("deleted") == true)
                #expect(try await tape.next() == nil)
            }
            let gone = try await house.send("GET", path, as: token)
            #expect(gone.error == "workload_not_found")
        }
    }

    @Test("starts anew with a new revision")
    func newRevision() async throws {
        try await ManagerHouse.open { house in
            try await house.makeProject()
            let token = try await house.makeToken()
            let worker = FakeWorker(house)
            try await worker.say()
            _ = try await house.declare(as: token)
            try await worker.watch { assignments in
                let old = try await assignments.assignment { !$0.replicas.isEmpty }.replicas[0]
                try await worker.say([.of(old.replicaID, .ready, port: 4100)])
                try await eventually("it is ready") {
                    try await house.send("GET", "/api/workloads/chat", as: token)["status"] == "ready"
                }
                let change: JSONValue = ["config": ["command": "llama-server -m other.gguf"]]
                #expect(try await house.send("PATCH", "/api/workloads/chat", change, as: token)["revision"] == 2)
                try await house.watch(path, as: token) { tape in
                    let snapshot = try await tape.next()
                    #expect(snapshot?["phase"] != "ready")
                }
                let both = try await assignments.assignment { $0.replicas.count == 2 }
                // The old replica goes on being what it was placed to run.
                #expect(both.replicas.first { $0.replicaID == old.replicaID }?.config == old.config)
                let new = try #require(both.replicas.first { $0.replicaID != old.replicaID })
                #expect(new.config["command"] == "llama-server -m other.gguf" && new.revision == 2)
                let renamed = try await house.send("PATCH", "/api/workloads/chat", ["name": "Chat"], as: token)
                #expect(renamed["revision"] == 3)
                try await worker.say([.of(old.replicaID, .ready, port: 4100), .of(new.replicaID, .ready, port: 4101)])
                let last = try await assignments.assignment { $0.replicas.count == 1 }
                #expect(last.replicas[0].replicaID == new.replicaID)
            }
        }
    }
}
