import Fleet
import InferenceKeyWire
import Testing
import Transport

@testable import Manager

@Suite("Logs over the API")
struct LogTests {
    @Test("lines are asked of the worker, and read or followed")
    func story() async throws {
        try await ManagerHouse.open(timings: .patient) { house in
            try await house.makeProject()
            let token = try await house.makeToken()
            let worker = FakeWorker(house)
            try await worker.say()
            _ = try await house.declare(as: token)
            try await worker.watch { tape in
                let replica = try await tape.assignment { !$0.replicas.isEmpty }.replicas[0].replicaID
                func post(_ request: LogRequest, _ texts: [String], done: Bool) async throws -> HouseAnswer {
                    let lines = texts.enumerated().map {
                        LogLine(replicaID: replica, at: Timestamp(milliseconds: Int64($0.offset)), text: $0.element)
                    }
                    return try await house.send(
                        "POST", "/api/worker/logs/\(request.id)",
                        ["lines": .array(lines.map(\.json)), "done": .bool(done)], as: house.worker)
                }
                async let read = house.send("GET", "/api/workloads/chat/logs?tail=2", as: token)
                let asked = try await tape.assignment { !$0.logRequests.isEmpty }.logRequests[0]
                #expect(asked.replicaID == replica && asked.tail == 2 && !asked.follow)
                let secret = house.operatorKey.revealed
                #expect(try await post(asked, ["one", "a key: \(secret)"], done: true)["wanted"] == false)
                let texts = try await read.json.arrayValue?.map { $0["text"]?.stringValue ?? "" }
                #expect(texts == ["one", "a key: \(house.operatorKey)"])
                _ = try await tape.assignment { $0.logRequests.isEmpty }
                #expect(try await post(asked, ["late"], done: false).status == 404)

                try await house.watch("/api/workloads/chat/logs?follow", as: token) { log in
                    let followed = try await tape.assignment { !$0.logRequests.isEmpty }.logRequests[0]
                    #expect(followed.follow && followed.tail == 100)
                    #expect(try await post(followed, ["first"], done: false)["wanted"] == true)
                    #expect(try await log.next()?["text"] == "first")
                    #expect(try await post(followed, ["second"], done: false).status == 200)
                    #expect(try await log.next()?["text"] == "second")
                }
                // The reader has left: the worker may stop.
                _ = try await tape.assignment { $0.logRequests.isEmpty }
            }
        }
    }

    @Test("one project's readers and their unread lines are bounded, and lock out no other project")
    func bounds() throws {
        let hub = StreamHub(keepAlive: .seconds(60), clock: ContinuousClock())
        let secret = InstallationSecret(bytes: Array(repeating: 7, count: 32))
        let relay = LogRelay(
            link: WorkerLink(keys: EngineKeyBook(secret: secret), ids: .system, hub: hub), ids: .system)
        let replica = ReplicaRecord(
            id: ID("rp_1"), workloadID: ID("wl_1"), revision: 1, workerID: ID("wk_1"), deviceIDs: [], createdAt: .now)
        func open(_ project: String) throws -> LogReading {
            try relay.open(replica, of: ID(project), tail: 1, follow: true, waker: Waker())
        }
        let readings = try (0..<LogRelay.maxRequestsOfProject).map { _ in try open("pr_1") }
        #expect(throws: ServiceError.self) { try open("pr_1") }
        let other = try open("pr_2")
        let line = LogLine(replicaID: replica.id, at: .now, text: String(repeating: "x", count: 1 << 20))
        let lines = Array(repeating: line, count: 1 + LogRelay.maxUnreadBytes >> 20)
        #expect(relay.deliver(lines, isDone: false, to: readings[0].id, from: replica.workerID) == true)
        #expect(relay.deliver([line], isDone: false, to: readings[1].id, from: replica.workerID) == true)
        #expect(relay.deliver([line], isDone: false, to: other.id, from: replica.workerID) == true)
        let first = readings[0].take()
        #expect(first.lines.count == lines.count - 1 && first.dropped == 1)
        #expect(readings[1].take().dropped == 1)
        #expect(other.take().lines.count == 1)
    }

    @Test("without a worker that can be asked the answer says so, and a wrong replica is not found")
    func refusals() async throws {
        try await ManagerHouse.open { house in
            try await house.makeProject()
            let token = try await house.makeToken()
            _ = try await house.declare(as: token)
            #expect(try await house.send("GET", "/api/workloads/chat/logs", as: token).json == [])
            let wrong = try await house.send("GET", "/api/workloads/chat/logs?replica=rp_x", as: token)
            #expect(wrong.status == 404 && wrong.error == "not_found")
            let bad = try await house.send("GET", "/api/workloads/chat/logs?tail=many", as: token)
            #expect(bad["fields"]?["tail"] != nil)
        }
    }
}
