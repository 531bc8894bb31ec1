import Files
import Fleet
import Glibc
import InferenceKeyWire
import Logging
import ServiceLifecycle
import Testing
import Worker

@Suite("Engines outlive the agent", .timeLimit(.minutes(5)))
struct AdoptionTests {
    private let harness = AgentHarness()
    private var manager: ManagerDouble { harness.manager }
    private let serve = "touch $READY; exec sleep 600"

    @Test("the next run takes an engine over: same process, no restart, never reported as starting")
    func adopts() async throws {
        let id = harness.newID()
        let first = try await harness.leaveRunning(harness.replica(id, serve))
        #expect(kill(Int32(first.processID ?? 0), 0) == 0)
        let seen = manager.seen.observations.count
        try await harness.withAgent {
            await eventually("it is seen again") { manager.seen.observations.count > seen + 1 }
            let states = Set(manager.seen.observations.dropFirst(seen).flatMap(\.replicas).map(\.state))
            #expect(states == [.ready])
            let second = try #require(manager.replica(id))
            #expect(second.processID == first.processID)
            #expect(second.port == first.port)
            #expect(second.restarts == 0)
            kill(Int32(first.processID ?? 0), SIGKILL)
            await eventually("an adopted engine's end is noticed and it comes back") {
                let now = manager.replica(id)
                return now?.state == .ready && now?.processID != first.processID
            }
            manager.assign([])
            _ = try await harness.until(id, .stopped)
        }
    }

    @Test("an engine whose process was not written down yet is found by its marker")
    func unrecorded() async throws {
        let id = harness.newID()
        let first = try await harness.leaveRunning(harness.replica(id, serve))
        let folder = ReplicaFolder(id, in: harness.dataFolder + "/replicas")
        var record = try #require(folder.record)
        record.process = nil
        try folder.write(record)
        try await harness.withAgent {
            let second = try await harness.until(id, .ready)
            #expect(second.processID == first.processID)
            #expect(second.port == first.port)
            manager.assign([])
            _ = try await harness.until(id, .stopped)
            #expect(ProcessTable.leftovers(of: id, session: nil).isEmpty)
        }
    }

    @Test("without any record its processes go, and a new engine comes")
    func recordLost() async throws {
        let id = harness.newID()
        let first = try await harness.leaveRunning(harness.replica(id, serve))
        unlink(harness.dataFolder + "/replicas/\(id)/process.json")
        try await harness.withAgent {
            await harness.untilReplaced(first)
            manager.assign([])
            _ = try await harness.until(id, .stopped)
        }
    }

    @Test("an engine of another revision is not taken over")
    func otherRevision() async throws {
        let id = harness.newID()
        let first = try await harness.leaveRunning(harness.replica(id, serve))
        manager.assign([harness.replica(id, serve, revision: 2)])
        try await harness.withAgent {
            await harness.untilReplaced(first)
            manager.assign([])
            await eventually("it is gone") { ProcessTable.leftovers(of: id, session: nil).isEmpty }
        }
    }

    @Test("without the data folder an engine of ours is found by its marker: it goes, and a new one comes")
    func folderLost() async throws {
        let id = harness.newID()
        let first = try await harness.leaveRunning(harness.replica(id, serve))
        Folder.remove(harness.dataFolder)
        try await harness.withAgent {
            await harness.untilReplaced(first)
            manager.assign([])
            _ = try await harness.until(id, .stopped)
        }
    }

    @Test("an engine whose key is no longer the replica's is not taken over", arguments: [true, false])
    func otherKey(hasMirror: Bool) async throws {
        let id = harness.newID("\(#function)\(hasMirror)")
        var replica = harness.replica(id, serve)
        let first = try await harness.leaveRunning(replica)
        replica.engineKey = "another-key"
        manager.assign([replica])
        if !hasMirror { unlink(harness.dataFolder + "/assignment.json") }
        try await harness.withAgent {
            await harness.untilReplaced(first)
            manager.assign([])
            await eventually("it is gone") { ProcessTable.leftovers(of: id, session: nil).isEmpty }
        }
    }

    @Test("unassigned while nobody looked, an engine runs until the Manager says so, then it goes")
    func orphan() async throws {
        let id = harness.newID()
        _ = try await harness.leaveRunning(harness.replica(id, serve))
        unlink(harness.dataFolder + "/assignment.json")
        manager.setUp(false)
        try await harness.withAgent {
            await eventually("the agent looked around") { FileStatus(harness.dataFolder + "/worker.lock") != nil }
            await eventually("it is alone") { ProcessTable.leftovers(of: id, session: nil).count == 1 }
            manager.assign([])
            manager.setUp(true)
            await eventually("it is gone") { ProcessTable.leftovers(of: id, session: nil).isEmpty }
            await eventually("and was reported") {
                manager.seen.observations.contains {
                    $0.replicas.contains { $0.replicaID == id && $0.state == .stopped }
                }
            }
        }
    }

    @Test("without the Manager the last assignment is worked on")
    func withoutManager() async throws {
        let (running, dead) = (harness.newID(), harness.newID())
        try await harness.withAgent {
            manager.assign([harness.replica(running, serve), harness.replica(dead, serve)])
            _ = try await harness.until(running, .ready)
            _ = try await harness.until(dead, .ready)
        }
        let first = ProcessTable.leftovers(of: running, session: nil)
        harness.sweep(dead)
        await eventually("it is dead") { ProcessTable.leftovers(of: dead, session: nil).isEmpty }
        manager.setUp(false)
        try await harness.withAgent({ $0.mirrorGrace = .milliseconds(100) }) {
            await eventually("the dead one comes back") { ProcessTable.leftovers(of: dead, session: nil).count == 1 }
            #expect(ProcessTable.leftovers(of: running, session: nil) == first)
            manager.assign([])
            manager.setUp(true)
            for id in [running, dead] {
                await eventually("they go when the Manager says so") {
                    ProcessTable.leftovers(of: id, session: nil).isEmpty
                }
            }
        }
    }

    @Test("told to, engines end with the agent; otherwise they stay", arguments: [true, false])
    func gracefulEnd(stops: Bool) async throws {
        let id = harness.newID()
        var configuration = try harness.configuration()
        configuration.stopsEnginesOnExit = stops
        let agent = harness.agent(configuration)
        let group = ServiceGroup(
            configuration: .init(services: [.init(service: agent)], logger: .init(label: "group")))
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            manager.assign([harness.replica(id, serve)])
            _ = try await harness.until(id, .ready)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        #expect(ProcessTable.leftovers(of: id, session: nil).isEmpty == stops)
        harness.sweep(id)
    }
}

@Suite("A worker joins once", .timeLimit(.minutes(5)))
struct JoiningTests {
    private let harness = AgentHarness()
    private let token = Credential(kind: .join, id: "0123abcd", secret: String(repeating: "f", count: 64))

    @Test("with its token, and keeps the credential for itself")
    func joins() async throws {
        for _ in 0..<2 {
            let seen = harness.manager.seen.observations.count
            try await harness.withAgent({ $0.access = .join(token: self.token) }) {
                await eventually("it works") { harness.manager.seen.observations.count > seen }
            }
        }
        #expect(harness.manager.seen.joins == ["w"])
        var status = stat()
        #expect(stat(harness.dataFolder + "/worker.credential", &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
    }

    @Test("removed, it stops its engines; with a token it joins anew", arguments: [true, false])
    func removed(whileItRuns: Bool) async throws {
        let id = harness.newID("\(#function)\(whileItRuns)")
        let manager = harness.manager
        let withToken: (inout WorkerConfiguration) -> Void = { $0.access = .join(token: self.token) }
        let replica = harness.replica(id, "touch $READY; exec sleep 600")
        func rejoins() async {
            await eventually("its engine is gone") { ProcessTable.leftovers(of: id, session: nil).isEmpty }
            await eventually("it joins again") { manager.seen.joins.count == 2 }
            let seen = manager.seen.observations.count
            await eventually("it works") { manager.seen.observations.count > seen }
        }
        try await harness.withAgent(withToken) {
            manager.assign([replica])
            _ = try await harness.until(id, .ready)
            if whileItRuns {
                manager.remove(ManagerDouble.credential)
                await rejoins()
            }
        }
        if !whileItRuns {
            manager.remove(ManagerDouble.credential)
            try await harness.withAgent(withToken) { await rejoins() }
        }
        #expect(FileContent.text(harness.dataFolder + "/worker.credential")?.contains("ik_wrk_00000001") ?? false)
    }

    @Test("removed and without a token, it stops its engines and says why it ends")
    func removedForGood() async throws {
        let id = harness.newID()
        try await harness.withAgent({ $0.access = .join(token: self.token) }) {
            harness.manager.assign([harness.replica(id, "touch $READY; exec sleep 600")])
            _ = try await harness.until(id, .ready)
        }
        harness.manager.remove(ManagerDouble.credential)
        let agent = harness.agent(try harness.configuration(.joined))
        await #expect(throws: WorkerError.removed("the worker was removed")) { try await agent.run() }
        #expect(ProcessTable.leftovers(of: id, session: nil).isEmpty)
    }

    @Test("the worker of a whole platform stops its engines and waits for the platform's end")
    func removedFromWhole() async throws {
        let id = harness.newID()
        try await harness.withAgent {
            harness.manager.assign([harness.replica(id, "touch $READY; exec sleep 600")])
            _ = try await harness.until(id, .ready)
            harness.manager.remove(ManagerDouble.credential)
            await eventually("its engine is gone") { ProcessTable.leftovers(of: id, session: nil).isEmpty }
        }
        #expect(harness.manager.seen.joins.isEmpty)
    }

    @Test("without a token and a credential it says what to do")
    func notJoined() async throws {
        let agent = harness.agent(try harness.configuration(.joined))
        await #expect(throws: WorkerError.notJoined(folder: harness.dataFolder)) { try await agent.run() }
    }

    @Test("a second agent on the same data folder is refused")
    func twice() async throws {
        try await harness.withAgent {
            await eventually("the first runs") { !harness.manager.seen.observations.isEmpty }
            let second = harness.agent(try harness.configuration())
            await #expect(throws: WorkerError.alreadyRunning(folder: harness.dataFolder)) { try await second.run() }
        }
    }
}
