import Fleet
import InferenceKeyWire
import Testing
import Transport

@testable import Manager

@Suite("The links to workers and Gateways")
struct LinkTests {
    @Test("a worker joins once with a join token and is itself from then on")
    func join() async throws {
        try await ManagerHouse.open { house in
            let made = try await house.admin("POST", "/api/admin/join-tokens", ["name": "rack 1"])
            let token = try #require(made["token"]?.stringValue.flatMap { Credential($0) })
            #expect(made["role"] == "worker" && made["expires_at"]?.stringValue != nil)
            let joined = try await house.send("POST", "/api/worker/join", ["name": "gpu-1"], as: token)
            #expect(joined.status == 201, "\(joined.json.text)")
            let credential = try #require(joined["credential"]?.stringValue.flatMap { Credential($0) })
            let again = try await house.send("POST", "/api/worker/join", ["name": "gpu-1"], as: token)
            #expect(again.status == 401)
            var worker = FakeWorker(house)
            worker.credential = credential
            try await worker.say()
            let shown = try await house.admin("GET", "/api/admin/workers/gpu-1")
            #expect(shown["status"] == "live" && shown["cpu_count"] == 8 && shown["id"] == joined["worker_id"])
            #expect(shown["engines"]?.arrayValue?.count == 2)
            #expect(try await house.admin("DELETE", "/api/admin/workers/gpu-1").status == 204)
            let after = try await house.send("GET", "/api/worker/assignment", as: credential)
            #expect(after.status == 401)
        }
    }

    @Test("a worker's join token makes no Gateway, and the other way round")
    func joinRoles() async throws {
        try await ManagerHouse.open { house in
            for (role, other) in [("worker", "gateway"), ("gateway", "worker")] {
                let made = try await house.admin("POST", "/api/admin/join-tokens", ["role": .string(role)])
                let token = try #require(made["token"]?.stringValue.flatMap { Credential($0) })
                let wrong = try await house.send("POST", "/api/\(other)/join", [:], as: token)
                #expect(wrong.status == 403 && wrong.error == "scope_insufficient")
                #expect(try await house.send("POST", "/api/\(role)/join", [:], as: token).status == 201)
            }
        }
    }

    @Test("an assignment is complete, has a key per replica, and comes within the second")
    func assignment() async throws {
        try await ManagerHouse.open { house in
            try await house.makeProject()
            let token = try await house.makeToken()
            let worker = FakeWorker(house)
            try await worker.say()
            try await worker.watch { tape in
                let empty = try await tape.assignment()
                #expect(empty.replicas.isEmpty)
                _ = try await house.declare(with: [("execution_policy_config", ["replicas": 2])], as: token)
                let full = try await tape.assignment { $0.replicas.count == 2 }
                #expect(full.generation > empty.generation)
                let replica = full.replicas[0]
                let secret = InstallationSecret(bytes: Array(repeating: 7, count: 32))
                #expect(replica.engineKey == secret.engineKey(for: replica.replicaID))
                #expect(Set(full.replicas.map(\.engineKey)).count == 2)
                #expect(replica.servedNames == ["tiny", "chat"] && replica.backend == .llamacpp)
                #expect(replica.config["command"] == "llama-server -m tiny.gguf")
                try await tape.comment()
            }
        }
    }

    @Test("a worker speaks for itself only")
    func itselfOnly() async throws {
        try await ManagerHouse.open { house in
            try await house.makeProject()
            let token = try await house.makeToken()
            let worker = FakeWorker(house)
            try await worker.say()
            _ = try await house.declare(as: token)
            let replica = try await worker.watch { tape in
                try await tape.assignment { !$0.replicas.isEmpty }.replicas[0].replicaID
            }
            let join = try await house.admin("POST", "/api/admin/join-tokens")
            let joinToken = try #require(join["token"]?.stringValue.flatMap { Credential($0) })
            let joined = try await house.send("POST", "/api/worker/join", ["name": "other"], as: joinToken)
            var liar = FakeWorker(house)
            liar.credential = try #require(joined["credential"]?.stringValue.flatMap { Credential($0) })
            try await liar.say([.of(replica, .ready, port: 1)])
            let status = try await house.send("GET", "/api/workloads/chat/status", as: token)
            #expect(status["replicas"]?.arrayValue?.first?["state"] == "placed")
        }
    }

    @Test("the feed is complete, follows keys and replicas, and a revoked key leaves it within a second")
    func feed() async throws {
        try await ManagerHouse.open { house in
            try await house.makeProject()
            let token = try await house.makeToken()
            let worker = FakeWorker(house)
            try await worker.say()
            try await house.watch("/api/gateway/feed", as: house.gateway) { feed in
                let first = try await feed.tables()
                #expect(first.endpoints.isEmpty && first.keys.isEmpty)
                let key = try await house.makeKey("acme", ["grants": ["chat"], "limits": ["concurrency": 2]])
                let keyed = try await feed.tables { !$0.keys.isEmpty }
                #expect(keyed.keys[0].hash == SecretHash(of: key) && keyed.keys[0].limits.concurrency == 2)
                #expect(keyed.keys[0].projectSlug == "acme" && keyed.keys[0].grants == [.workload(slug: "chat")])
                _ = try await house.declare(as: token)
                let pending = try await feed.tables { !$0.endpoints.isEmpty }
                #expect(pending.endpoints[0].upstreams.isEmpty && pending.endpoints[0].statusReason != nil)
                #expect(pending.endpoints[0].retryAfterMilliseconds != nil)
                let replica = try await worker.watch {
                    try await $0.assignment { !$0.replicas.isEmpty }.replicas[0]
                }
                try await worker.say([.of(replica.replicaID, .ready, port: 4100)])
                let served = try await feed.tables { $0.endpoints.first?.upstreams.isEmpty == false }
                let upstream = served.endpoints[0].upstreams[0]
                #expect(upstream.port == 4100 && upstream.host == "127.0.0.1" && upstream.servedName == "tiny")
                #expect(upstream.engineKey == replica.engineKey && served.endpoints[0].statusReason == nil)
                _ = try await house.admin("DELETE", "/api/admin/keys/\(key.id)")
                _ = try await feed.tables { $0.keys.isEmpty }
                #expect(served.version > pending.version && pending.version > first.version)
            }
        }
    }

    @Test("a drain waits for a live Gateway, and not for one that is gone")
    func drain() async throws {
        try await ManagerHouse.open(timings: .patient) { house in
            try await house.makeProject()
            let token = try await house.makeToken()
            let worker = FakeWorker(house)
            try await worker.say()
            _ = try await house.declare(as: token)
            try await worker.watch { tape in
                let replica = try await tape.assignment { !$0.replicas.isEmpty }.replicas[0].replicaID
                try await worker.say([.of(replica, .ready, port: 4100)])
                try await house.watch("/api/gateway/feed", as: house.gateway) { feed in
                    let served = try await feed.tables { $0.endpoints.first?.upstreams.isEmpty == false }
                    var gateway = FakeGateway(house)
                    try await gateway.report(served.version)
                    _ = try await house.send("DELETE", "/api/workloads/chat", as: token)
                    let draining = try await feed.tables { $0.endpoints.first?.upstreams.first?.isDraining == true }
                    try await gateway.report(draining.version, draining: [replica: 1])
                    #expect(try await tape.assignment { $0.replicas.first?.isDraining == true }.replicas.count == 1)
                    // In flight: it stays, however often the reconciler looks.
                    for _ in 0..<20 { try await gateway.report(draining.version, draining: [replica: 1]) }
                    #expect(house.service.ledger.current.replicas[replica]?.intent == .drain)
                    try await gateway.report(draining.version, draining: [replica: 0])
                    _ = try await tape.assignment { $0.replicas.isEmpty }
                    #expect(house.service.ledger.current.replicas[replica]?.intent == .stop)
                    try await worker.say([.of(replica, .stopping)])
                    #expect(house.service.ledger.current.replicas[replica] != nil)
                    try await worker.say([])
                    try await eventually("the replica is gone") {
                        house.service.ledger.current.replicas.isEmpty && house.service.ledger.current.workloads.isEmpty
                    }
                }
            }
        }
    }

    @Test("an open stream ends with the credential that opened it")
    func revokedStream() async throws {
        try await ManagerHouse.open { house in
            try await house.watch("/api/gateway/feed", as: house.gateway) { feed in
                _ = try await feed.tables()
                #expect(try await house.admin("DELETE", "/api/admin/gateways/\(house.gateway.id)").status == 204)
                while try await feed.next() != nil {}
            }
            try await FakeWorker(house).watch { tape in
                _ = try await tape.assignment()
                let id = house.workerID.text
                #expect(try await house.admin("DELETE", "/api/admin/workers/\(id)?force").status == 204)
                #expect(try await tape.next() == nil)
            }
        }
    }

    @Test("a Gateway that is gone holds a drain up to its deadline: cut off it serves on")
    func goneGateway() async throws {
        var timings = ManagerTimings.quick
        timings.drainSeconds = 1
        try await ManagerHouse.open(timings: timings) { house in
            try await house.makeProject()
            let token = try await house.makeToken()
            let worker = FakeWorker(house)
            try await worker.say()
            _ = try await house.declare(as: token)
            try await worker.watch { tape in
                let replica = try await tape.assignment { !$0.replicas.isEmpty }.replicas[0].replicaID
                try await worker.say([.of(replica, .ready, port: 4100)])
                var gateway = FakeGateway(house)
                try await gateway.report(0, draining: [replica: 3])
                _ = try await house.send("DELETE", "/api/workloads/chat", as: token)
                _ = try await tape.assignment { $0.replicas.isEmpty }
                let audit = try await house.admin("GET", "/api/admin/audit").json.arrayValue ?? []
                let stop = audit.first { $0["action"] == "replica.stop" }
                #expect(stop?["detail"]?["reason"] == "it drained for 1 s")
            }
        }
    }

    @Test("a run of a Gateway that took the place of a lost one holds the drain alone")
    func nextRun() throws {
        let time = ManualTime()
        let link = GatewayLink(ids: time.ids, hub: .quiet, gatewayLostAfter: .seconds(5))
        let replica = ReplicaID("rp_1")
        func report(_ run: String, _ version: Int) -> GatewayReport {
            GatewayReport(gatewayID: run, sequence: 1, tableVersion: version, draining: [:], usage: [], lastUsed: [:])
        }
        _ = link.record(report("first", 1), credentialID: "a")
        link.publish(GatewayTables(), of: 1, draining: [replica])
        let version = try #require(link.tables?.version)
        time.advance(seconds: 6)
        #expect(link.drained.isEmpty)
        _ = link.record(report("second", version), credentialID: "b")
        #expect(link.drained.isEmpty)
        _ = link.record(report("third", version), credentialID: "a")
        #expect(link.drained == [replica])
    }

    @Test("tables of an earlier commit never take the place of later ones")
    func olderTables() throws {
        let link = GatewayLink(ids: .system, hub: .quiet, gatewayLostAfter: .seconds(5))
        let key = DataKey(
            id: "0a1b2c3d", hash: SecretHash(of: IDSource.system.credential(.data)), tenantID: ID("tn_1"),
            projectID: ID("pr_1"), grants: [.allWorkloads], limits: KeyLimits(), expiresAt: nil)
        link.publish(GatewayTables(keys: [key]), of: 1, draining: [])
        link.publish(GatewayTables(), of: 2, draining: [])
        let version = link.tables?.version
        link.publish(GatewayTables(keys: [key]), of: 1, draining: [])
        #expect(link.tables?.keys == [] && link.tables?.version == version)
    }

    @Test("a worker with much to tell is heard")
    func largeObservation() async throws {
        try await ManagerHouse.open { house in
            let text = String(repeating: "x", count: 20_000)
            let replicas = (0..<100).map {
                ReplicaObservation(
                    replicaID: ID("rp_\($0)"), state: .failed, since: .now, cause: .crashLoop, logTail: [text])
            }
            try await FakeWorker(house).say(replicas)
        }
    }

    @Test("usage counts once, whatever is sent twice, and is read with its project")
    func usage() async throws {
        try await ManagerHouse.open(timings: .patient) { house in
            try await house.makeProject()
            let key = try await house.makeKey()
            let project = try #require(house.service.ledger.current.projects.values.first?.id)
            var gateway = FakeGateway(house)
            let used = UsageRecord(
                day: "2026-11-24", projectID: project, workloadSlug: "chat", keyID: key.id, requests: 2, tokensIn: 10,
                tokensOut: 20, milliseconds: 5)
            try await gateway.report(1, usage: [used], lastUsed: [key.id: .now])
            gateway.sequence -= 1
            try await gateway.report(1, usage: [used])
            let found = try await house.admin("GET", "/api/admin/usage?project=acme&from=2026-11-24&to=2026-11-24")
            #expect(found.json.arrayValue?.count == 1)
            #expect(found.json.arrayValue?.first?["requests"] == 2)
            #expect(found.json.arrayValue?.first?["project_slug"] == "acme")
            #expect(try await house.admin("GET", "/api/admin/usage?from=2026-11-25").json == [])
            #expect(try await house.admin("GET", "/api/admin/usage?from=soon").error == "invalid_request")
            #expect(try await house.admin("GET", "/api/admin/keys/\(key.id)")["last_used_plane"] == "data")
            let gateways = try await house.admin("GET", "/api/admin/gateways").json.arrayValue
            #expect(gateways?.first?["status"] == "live")
        }
    }
}

extension StreamHub {
    /// One that nobody listens to.
    fileprivate static var quiet: StreamHub { StreamHub(keepAlive: .seconds(60), clock: ContinuousClock()) }
}
