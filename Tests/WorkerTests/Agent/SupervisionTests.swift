import Files
import Fleet
import Glibc
import InferenceKeyWire
import Synchronization
import Testing
import Worker

@Suite("Engines are supervised", .timeLimit(.minutes(5)))
struct SupervisionTests {
    private let harness = AgentHarness()
    private var manager: ManagerDouble { harness.manager }
    private let serve = "touch $READY; exec sleep 600"

    @Test("an assigned replica is started and becomes ready, and is stopped when it is no longer assigned")
    func startsAndStops() async throws {
        let id = harness.newID()
        try await harness.withAgent {
            manager.assign([harness.replica(id, serve)])
            let ready = try await harness.until(id, .ready)
            let process = try #require(ready.processID.map(Int32.init))
            #expect(ProcessTable.replica(of: process) == id)
            #expect(ProcessTable.stat(of: process)?.session == process)
            #expect(ready.port != nil)
            #expect(ready.restarts == 0)
            #expect(ready.cause == nil)
            manager.assign([])
            let stopped = try await harness.until(id, .stopped)
            #expect(stopped.processID == nil)
            #expect(ProcessTable.leftovers(of: id, session: nil).isEmpty)
            await eventually("what was reported stopped is forgotten") { manager.replica(id) == nil }
        }
    }

    @Test("a crash is reported with its status and the end of its log, and the engine comes back")
    func crash() async throws {
        let id = harness.newID()
        let script = """
            if [ -e $READY.second ]; then touch $READY; exec sleep 600; fi
            touch $READY.second; echo one; echo 'boom, said the engine' >&2; exit 3
            """
        try await harness.withAgent({
            $0.policy.firstDelay = .seconds(1); $0.policy.maxDelay = .seconds(1)
        }) {
            manager.assign([harness.replica(id, script)])
            await eventually("the crash is reported") { manager.replica(id)?.reason?.contains("boom") ?? false }
            let failed = try #require(manager.replica(id))
            #expect(failed.state == .backingOff)
            #expect(failed.cause == .engineExited)
            #expect(failed.reason == "the engine exited with status 3: boom, said the engine")
            #expect(failed.logTail == ["one", "boom, said the engine"])
            #expect(failed.processID == nil)
            let ready = try await harness.until(id, .ready)
            #expect(ready.restarts == 1)
            #expect(ready.reason == nil)
            manager.assign([])
            _ = try await harness.until(id, .stopped)
        }
    }

    @Test("an engine that exits again and again is a crash loop that is tried on")
    func crashLoop() async throws {
        let id = harness.newID()
        try await harness.withAgent {
            manager.assign([harness.replica(id, "echo no luck; exit 1")])
            await eventually("it is a crash loop") { manager.replica(id)?.cause == .crashLoop }
            await eventually("it is tried on") { (manager.replica(id)?.restarts ?? 0) >= 5 }
            manager.assign([])
            _ = try await harness.until(id, .stopped)
        }
    }

    @Test("what the log says of an end is its cause; an older run's words do not count")
    func causes() async throws {
        let id = harness.newID()
        let script = """
            if [ -e $READY.second ]; then echo 'just so'; exit 4; fi
            touch $READY.second; echo 'torch: out of memory'; kill -SEGV $$
            """
        try await harness.withAgent({ $0.policy.firstDelay = .milliseconds(300) }) {
            manager.assign([harness.replica(id, script)])
            await eventually("memory is the cause") { manager.replica(id)?.cause == .outOfGPUMemory }
            #expect(manager.replica(id)?.reason?.contains("SIGSEGV") ?? false)
            await eventually("the next end has its own") { manager.replica(id)?.reason?.contains("just so") ?? false }
            #expect(manager.replica(id)?.cause == .engineExited)
            manager.assign([])
            _ = try await harness.until(id, .stopped)
        }
    }

    @Test("a program that is not there is engine_missing, and says what")
    func missingProgram() async throws {
        let id = harness.newID()
        try await harness.withAgent {
            manager.assign([harness.replica(id, "", config: ["program": "/nowhere/engine"])])
            await eventually("it is missing") { manager.replica(id)?.cause == .engineMissing }
            #expect(manager.replica(id)?.reason?.contains("/nowhere/engine could not be started") ?? false)
            manager.assign([])
            _ = try await harness.until(id, .stopped)
        }
    }

    @Test("a port that the command names and somebody has is port_in_use, before anything is started")
    func portTaken() async throws {
        let id = harness.newID()
        let server = try #require(ListeningSocket())
        try await harness.withAgent {
            manager.assign([harness.replica(id, serve, config: ["port": .int(server.port)])])
            await eventually("it is taken") { manager.replica(id)?.cause == .portInUse }
            #expect(manager.replica(id)?.reason?.contains("\(server.port)") ?? false)
            #expect(FileStatus(harness.readyFile(id)) == nil)
            manager.assign([])
            _ = try await harness.until(id, .stopped)
        }
    }

    @Test("a port of ours that was taken meanwhile is changed")
    func portChanged() async throws {
        let id = harness.newID()
        let script =
            "if [ -e $READY.second ]; then touch $READY; exec sleep 600; fi; touch $READY.second; echo in use; exit 1"
        try await harness.withAgent({ $0.policy.firstDelay = .seconds(600) }) {
            manager.assign([harness.replica(id, script)])
            let ready = try await harness.until(id, .ready)
            #expect(ready.restarts == 1)
            manager.assign([])
            _ = try await harness.until(id, .stopped)
        }
    }

    @Test("a model larger than the free memory is no_capacity, with the numbers")
    func noMemory() async throws {
        let id = harness.newID()
        try await harness.withAgent {
            manager.assign([harness.replica(id, serve, config: ["weights": .int(Int64(5_000_000_000_000_000))])])
            await eventually("there is no room") { manager.replica(id)?.cause == .noCapacity }
            #expect(manager.replica(id)?.reason?.contains("/m needs 5000 TB of memory, and ") ?? false)
            manager.assign([])
            _ = try await harness.until(id, .stopped)
        }
    }

    @Test("an engine that no longer answers is restarted")
    func unhealthy() async throws {
        let id = harness.newID()
        try await harness.withAgent {
            manager.assign([harness.replica(id, serve)])
            let first = try await harness.until(id, .ready)
            unlink(harness.readyFile(id))
            await eventually("it is ready again") {
                manager.replica(id)?.state == .ready && manager.replica(id)?.processID != first.processID
            }
            #expect(manager.replica(id)?.restarts == 1)
            manager.assign([])
            _ = try await harness.until(id, .stopped)
        }
    }

    @Test("a clock that is set an hour forward does not end a start")
    func clockSet() async throws {
        let id = harness.newID()
        let script = "while [ ! -e $READY.go ]; do sleep 0.02; done; touch $READY; exec sleep 600"
        try await harness.withAgent({ $0.health.stalledAfter = .milliseconds(400) }) {
            manager.assign([harness.replica(id, script)])
            _ = try await harness.until(id, .starting)
            harness.clockError.withLock { $0 = 3_600_000 }
            await eventually("its start is looked at") { manager.replica(id)?.progress?.stalled ?? false }
            close(open(harness.readyFile(id) + ".go", O_CREAT | O_WRONLY, 0o600))
            let ready = try await harness.until(id, .ready)
            #expect(ready.restarts == 0)
            manager.assign([])
            _ = try await harness.until(id, .stopped)
        }
    }

    @Test("an engine with another key replaces the one that runs")
    func otherKey() async throws {
        let id = harness.newID()
        try await harness.withAgent {
            var replica = harness.replica(id, serve)
            manager.assign([replica])
            let first = try await harness.until(id, .ready)
            replica.engineKey = "another-key"
            manager.assign([replica])
            await harness.untilReplaced(first)
            manager.assign([])
            _ = try await harness.until(id, .stopped)
        }
    }

    @Test("the machine is looked at again as soon as an engine is gone")
    func looksAgain() async throws {
        let id = harness.newID()
        try await harness.withAgent {
            manager.assign([harness.replica(id, serve)])
            _ = try await harness.until(id, .ready)
            let looks = harness.machine.looks
            manager.assign([])
            await eventually("it was looked at") { harness.machine.looks > looks }
        }
    }

    @Test("many replicas that fail with long lines are reported in few bytes")
    func longLines() async throws {
        let id = harness.newID()
        let script = "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo \(String(repeating: "😀", count: 490)); done; exit 1"
        try await harness.withAgent({ $0.policy.firstDelay = .seconds(600) }) {
            manager.assign([harness.replica(id, script)])
            await eventually("it failed") {
                manager.replica(id)?.state == .backingOff && manager.replica(id)?.cause != nil
            }
            let failed = try #require(manager.replica(id))
            #expect(failed.logTail.count == 8)
            #expect(failed.json.bytes.count < 8192)
            manager.assign([])
            _ = try await harness.until(id, .stopped)
        }
    }

    @Test("an engine that ignores SIGTERM is killed after the grace")
    func stubborn() async throws {
        let id = harness.newID()
        try await harness.withAgent {
            manager.assign([harness.replica(id, "trap '' TERM; touch $READY; while :; do sleep 1; done")])
            let ready = try await harness.until(id, .ready)
            manager.assign([])
            _ = try await harness.until(id, .stopping)
            _ = try await harness.until(id, .stopped)
            #expect(ready.processID.map { kill(Int32($0), 0) } == -1)
            #expect(ProcessTable.leftovers(of: id, session: nil).isEmpty)
        }
    }

    @Test("what an engine leaves behind goes with it, also from a session of its own", arguments: [true, false])
    func leftovers(byCrash: Bool) async throws {
        let id = harness.newID()
        let children = "setsid sleep 600 & sleep 600 &"
        let script =
            byCrash
            ? "if [ -e $READY ]; then exec sleep 600; fi; \(children) touch $READY; exit 1"
            : "\(children) touch $READY; exec sleep 600"
        try await harness.withAgent({ $0.policy.firstDelay = .seconds(byCrash ? 600 : 1) }) {
            manager.assign([harness.replica(id, script)])
            if byCrash {
                await eventually("the crash is reported") {
                    manager.replica(id)?.state == .backingOff && manager.replica(id)?.cause != nil
                }
                #expect(ProcessTable.leftovers(of: id, session: nil).isEmpty)
            } else {
                _ = try await harness.until(id, .ready)
                #expect(ProcessTable.leftovers(of: id, session: nil).count == 3)
            }
            manager.assign([])
            _ = try await harness.until(id, .stopped)
            #expect(ProcessTable.leftovers(of: id, session: nil).isEmpty)
        }
    }

    @Test("a draining replica that ends is not started again")
    func draining() async throws {
        let id = harness.newID()
        try await harness.withAgent {
            manager.assign([harness.replica(id, serve)])
            let ready = try await harness.until(id, .ready)
            manager.assign([harness.replica(id, serve, isDraining: true)])
            let draining = try await harness.until(id, .draining)
            #expect(draining.processID == ready.processID)
            kill(Int32(ready.processID ?? 0), SIGKILL)
            _ = try await harness.until(id, .stopped)
            #expect(ProcessTable.leftovers(of: id, session: nil).isEmpty)
        }
    }

    @Test("an engine has nothing of the agent open and no signals blocked")
    func cleanProcess() async throws {
        let id = harness.newID()
        let script =
            "ls -l /proc/$$/fd; grep -E 'SigBlk|SigIgn' /proc/self/status; pwd; env; touch $READY; exec sleep 600"
        try await harness.withAgent {
            manager.assign([harness.replica(id, script)])
            _ = try await harness.until(id, .ready)
            let path = ReplicaFolder(id, in: harness.dataFolder + "/replicas")
            let log = try #require(FileContent.text(path.logPath))
            let files = log.split(separator: "\n").filter { $0.contains(" -> ") }
            // The shell itself has its script open.
            #expect(files.filter { !$0.contains("engine-") }.count == 3)
            #expect(files.first { $0.contains(" 0 -> ") }?.hasSuffix("/dev/null") ?? false)
            #expect(files.filter { $0.hasSuffix("engine.log") }.count == 2)
            #expect(log.contains("SigBlk:\t0000000000000000"))
            #expect(log.contains(path.path))
            #expect(log.contains("INFERENCEKEY_REPLICA=\(id)"))
            #expect(!log.contains("SSH_"))
            manager.assign([])
            _ = try await harness.until(id, .stopped)
        }
    }
}

/// A port that somebody has.
final class ListeningSocket: Sendable {
    let port: Int
    private let descriptor: Int32

    init?() {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address -> Int32 in
                bind(descriptor, address, length) | listen(descriptor, 1) | getsockname(descriptor, address, &length)
            }
        }
        guard result == 0 else { return nil }
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit { close(descriptor) }
}
