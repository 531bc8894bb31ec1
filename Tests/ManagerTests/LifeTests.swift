import Fleet
import FleetTesting
import Foundation
import InferenceKeyWire
import SQLiteStore
import Testing
import Transport

@testable import Manager

@Suite("The life of a Manager")
struct LifeTests {
    /// A stream of the feed has no end of its own: without an end the test would have none.
    @Test("a shutdown ends the streams", .timeLimit(.minutes(5)))
    func shutdown() async throws {
        try await ManagerHouse.open { house in
            let stream = try await house.client.open(
                house.request("GET", "/api/gateway/feed", nil, house.gateway.revealed, [], nil))
            let tape = EventTape(stream)
            _ = try await tape.tables()
        }
    }

    @Test("what is made sure of at every start is made once")
    func firstStart() async throws {
        let store = MemoryStore()
        let ledger = try await FleetLedger(store: store, ids: .system)
        let start = FirstStart(ledger: ledger)
        let operatorKey = IDSource.system.credential(.operatorKey)
        let worker = IDSource.system.credential(.worker)
        _ = try await start.ensureTenant()
        try await start.ensureOperator(operatorKey)
        let id = try await start.ensureWorker(worker)
        let before = ledger.current
        let commits = await store.commits.count
        _ = try await start.ensureTenant()
        try await start.ensureOperator(operatorKey)
        #expect(try await start.ensureWorker(worker) == id)
        #expect(ledger.current == before)
        #expect(await store.commits.count == commits)
        let newer = IDSource.system.credential(.worker)
        #expect(try await start.ensureWorker(newer) == id)
        #expect(ledger.current.credentials[worker.id]?.revokedAt != nil)
        try await start.ensureOperator(IDSource.system.credential(.operatorKey))
        #expect(ledger.current.credentials[operatorKey.id]?.revokedAt != nil)
    }

    @Test("a restarted Manager moves nothing: routes and replicas stay before the worker is heard of")
    func restart() async throws {
        let store = MemoryStore()
        let replica = Tray<ReplicaID>()
        try await ManagerHouse.open(store: store) { house in
            try await house.makeProject()
            let token = try await house.makeToken()
            let worker = FakeWorker(house)
            try await worker.say()
            _ = try await house.declare(as: token)
            let id = try await worker.watch { try await $0.assignment { !$0.replicas.isEmpty }.replicas[0].replicaID }
            try await worker.say([.of(id, .ready, port: 4100)])
            try await eventually("the port is written down") {
                house.service.ledger.current.replicas[id]?.servingPort == 4100
            }
            replica.put(id)
        }
        try await ManagerHouse.open(store: store) { house in
            try await house.watch("/api/gateway/feed", as: house.gateway) { feed in
                let tables = try await feed.tables()
                #expect(tables.endpoints.first?.upstreams.map(\.port) == [4100])
            }
            let worker = FakeWorker(house)
            let first = try await worker.watch { try await $0.assignment() }
            #expect(first.replicas.map(\.replicaID) == [try #require(replica.take())])
            let listed = try await house.admin("GET", "/api/projects/acme/workloads")
            #expect(listed.json.arrayValue?.first?["status"] == "ready")
            let shown = try await house.admin("GET", "/api/admin/workers")
            #expect(shown.json.arrayValue?.first?["status"] == "unknown")
        }
    }

    @Test("a full disk refuses changes with what to do, answers reads, and recovers")
    func fullDisk() async throws {
        let store = MemoryStore()
        try await ManagerHouse.open(store: store) { house in
            try await house.makeProject()
            let token = try await house.makeToken()
            await store.failNextCommit(with: ServiceError(.storageFull, "the Manager's disk is full"))
            let refused = try await house.declare(as: token)
            #expect(refused.status == 507 && refused.error == "storage_full")
            #expect(try await house.send("GET", "/api/projects/acme/workloads", as: token).json == [])
            #expect(try await house.declare(as: token).status == 201)
        }
    }

    @Test("a worker that is silent for long is lost, and its replicas with it")
    func lostWorker() async throws {
        let clock = ManualTime()
        try await ManagerHouse.open(ids: clock.ids) { house in
            try await house.makeProject()
            let token = try await house.makeToken()
            let worker = FakeWorker(house)
            try await worker.say()
            _ = try await house.declare(as: token)
            let id = try await worker.watch { try await $0.assignment { !$0.replicas.isEmpty }.replicas[0].replicaID }
            try await worker.say([.of(id, .ready, port: 4100)])
            clock.advance(seconds: 31)
            let status = try await house.send("GET", "/api/workloads/chat/status", as: token)
            #expect(status["replicas"]?.arrayValue?.first?["state"] == "lost")
            #expect(status["replicas"]?.arrayValue?.first?["cause"] == "worker_lost")
            #expect(try await house.admin("GET", "/api/admin/workers").json.arrayValue?.first?["status"] == "lost")
            try await worker.say([.of(id, .ready, port: 4100)])
            let back = try await house.send("GET", "/api/workloads/chat/status", as: token)
            #expect(back["replicas"]?.arrayValue?.first?["state"] == "ready")
        }
    }

    @Test("a clock that is set loses no worker and ends no drain")
    func setClock() async throws {
        let clock = ManualTime()
        try await ManagerHouse.open(timings: .patient, ids: clock.ids) { house in
            try await house.makeProject()
            let token = try await house.makeToken()
            let worker = FakeWorker(house)
            try await worker.say()
            _ = try await house.declare(as: token)
            try await worker.watch { tape in
                let id = try await tape.assignment { !$0.replicas.isEmpty }.replicas[0].replicaID
                try await worker.say([.of(id, .ready, port: 4100)])
                var gateway = FakeGateway(house)
                try await gateway.report(0)
                clock.set(forwardBy: 7200)
                let status = try await house.send("GET", "/api/workloads/chat/status", as: token)
                #expect(status["replicas"]?.arrayValue?.first?["state"] == "ready")
                let gateways = try await house.admin("GET", "/api/admin/gateways").json.arrayValue
                #expect(gateways?.first?["status"] == "live")
                _ = try await house.send("DELETE", "/api/workloads/chat", as: token)
                _ = try await tape.assignment { $0.replicas.first?.isDraining == true }
                clock.set(forwardBy: 7200)
                for _ in 0..<20 { try await gateway.report(0, draining: [id: 1]) }
                #expect(house.service.ledger.current.replicas[id]?.intent == .drain)
            }
        }
    }

    @Test("what ended long ago is forgotten, and the store is pruned")
    func housekeeping() async throws {
        let store = MemoryStore()
        let clock = ManualTime()
        var timings = ManagerTimings.quick
        timings.housekeeping = .milliseconds(20)
        try await ManagerHouse.open(timings: timings, store: store, ids: clock.ids) { house in
            try await house.makeProject()
            let revoked = try await house.makeToken()
            let kept = try await house.makeToken()
            _ = try await house.makeKey("acme", ["grants": ["*"], "expires_in_seconds": 60])
            _ = try await house.admin("DELETE", "/api/admin/tokens/\(revoked.id)")
            clock.advance(seconds: 29 * 86_400)
            let prunes = await store.prunes
            try await eventually("it was tidied up") { await store.prunes > prunes + 1 }
            #expect(try await house.admin("GET", "/api/admin/tokens").json.arrayValue?.count == 2)
            clock.advance(seconds: 2 * 86_400)
            try await eventually("the ended ones are forgotten") {
                try await house.admin("GET", "/api/admin/keys").json == []
            }
            let tokens = try await house.admin("GET", "/api/admin/tokens").json.arrayValue
            #expect(tokens?.compactMap { $0["id"]?.stringValue } == [kept.id])
        }
    }

    @Test("a cordoned worker gets nothing new, and a drained one gives up what it has")
    func cordonAndDrain() async throws {
        try await ManagerHouse.open { house in
            try await house.makeProject()
            let token = try await house.makeToken()
            let worker = FakeWorker(house)
            try await worker.say()
            let id = house.workerID.text
            let cordoned = try await house.admin("POST", "/api/admin/workers/\(id)/cordon")
            #expect(cordoned["cordoned"] == true)
            _ = try await house.declare(as: token)
            let explained = try await house.send("GET", "/api/workloads/chat/explain", as: token)
            #expect(explained["workers"]?.arrayValue?.first?["refused"] == "is cordoned")
            let typo = try await house.admin("POST", "/api/admin/workers/\(id)/cordon", ["device": "cpv"])
            #expect(typo.status == 404 && typo["message"]?.stringValue?.contains("it has cpu") == true)
            let device = try await house.admin("POST", "/api/admin/workers/\(id)/cordon", ["device": "cpu"])
            #expect(device["cordoned_devices"] == ["cpu"])
            _ = try await house.admin("POST", "/api/admin/workers/\(id)/cordon", ["cordoned": false])
            _ = try await house.admin("POST", "/api/admin/workers/\(id)/cordon", ["device": "cpu", "cordoned": false])
            try await worker.watch { tape in _ = try await tape.assignment { !$0.replicas.isEmpty } }
            #expect(try await house.admin("DELETE", "/api/admin/workers/\(id)").error == "conflict")
            #expect(try await house.admin("POST", "/api/admin/workers/\(id)/drain")["draining"] == true)
            #expect(try await house.admin("DELETE", "/api/admin/workers/\(id)?force=true").status == 204)
            #expect(try await house.admin("GET", "/api/admin/workers").json == [])
            let audit = try await house.admin("GET", "/api/admin/audit?limit=5")
            #expect(audit.json.arrayValue?.contains { $0["action"] == "worker.remove" } == true)
            #expect(audit.head["link"] != nil)
        }
    }
}
