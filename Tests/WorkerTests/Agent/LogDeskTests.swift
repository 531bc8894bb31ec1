import Fleet
import Glibc
import InferenceKeyWire
import Synchronization
import Testing
import Worker

@Suite("Log lines are posted to who asks", .timeLimit(.minutes(5)))
struct LogDeskTests {
    private let harness = AgentHarness()
    private var manager: ManagerDouble { harness.manager }

    private func lines(_ request: String) -> [String] {
        manager.seen.logs.filter { $0.requestID == request }.flatMap(\.lines).map(\.text)
    }

    private func isDone(_ request: String) -> Bool {
        manager.seen.logs.contains { $0.requestID == request && $0.isDone }
    }

    @Test("the newest lines at once; and what comes, for as long as somebody asks")
    func follows() async throws {
        let id = harness.newID()
        let more = harness.folder.path + "/more"
        let script = """
            for i in 1 2 3 4 5; do echo line $i key secret-key; done; touch $READY
            while [ ! -e \(more) ]; do sleep 0.02; done; echo later; exec sleep 600
            """
        try await harness.withAgent {
            let replica = harness.replica(id, script)
            manager.assign([replica])
            _ = try await harness.until(id, .ready)
            let newest = LogRequest(id: "lr_1", replicaID: id, tail: 2, follow: false)
            let followed = LogRequest(id: "lr_2", replicaID: id, tail: 1, follow: true)
            let unknown = LogRequest(id: "lr_3", replicaID: ID("rp_unknown"), tail: 1, follow: true)
            manager.assign([replica], logRequests: [newest, followed, unknown])
            await eventually("the newest are posted") { isDone("lr_1") && isDone("lr_3") }
            #expect(lines("lr_1") == ["line 4 key …", "line 5 key …"])
            close(open(more, O_CREAT | O_WRONLY, 0o600))
            await eventually("what comes is posted") { lines("lr_2").contains("later") }
            #expect(!isDone("lr_2"))
            manager.assign([replica])
            manager.assign([])
            _ = try await harness.until(id, .stopped)
        }
    }

    /// Runs an engine that writes so many lines of that many bytes, then `body`.
    private func withLines(
        _ count: Int, bytes: Int, _ id: ReplicaID, _ body: (ReplicaAssignment) async throws -> Void
    ) async throws {
        let script = """
            i=0; while [ $i -lt \(count) ]; do i=$((i+1)); printf '%0\(bytes)d\\n' $i; done | tr 0 '"'
            touch $READY; exec sleep 600
            """
        try await harness.withAgent {
            let replica = harness.replica(id, script)
            manager.assign([replica])
            _ = try await harness.until(id, .ready)
            try await body(replica)
            manager.assign([])
            _ = try await harness.until(id, .stopped)
        }
    }

    @Test("many long lines come in several batches, each of which the Manager takes")
    func longLines() async throws {
        let id = harness.newID()
        try await withLines(240, bytes: 4000, id) { replica in
            manager.refuseLogs { $0.json.bytes.count > 1 << 20 ? .refused(status: 413, message: "too large") : nil }
            manager.assign([replica], logRequests: [LogRequest(id: "lr_1", replicaID: id, tail: 240, follow: false)])
            await eventually("all are posted") { isDone("lr_1") }
            #expect(lines("lr_1").count == 240)
            #expect(manager.seen.logs.allSatisfy { $0.json.bytes.count < 1 << 20 })
        }
    }

    @Test("what is refused as too large comes in smaller batches, and what is never taken is left out")
    func refused() async throws {
        let id = harness.newID()
        try await withLines(30, bytes: 100, id) { replica in
            manager.refuseLogs { batch in
                let isRefused = batch.lines.count > 4 || batch.lines.contains { $0.text.hasSuffix("\"7") }
                return isRefused ? .refused(status: 413, message: "too large") : nil
            }
            manager.assign([replica], logRequests: [LogRequest(id: "lr_1", replicaID: id, tail: 30, follow: false)])
            await eventually("all others are posted") { isDone("lr_1") }
            let numbers = lines("lr_1").map { $0.filter(\.isNumber) }
            #expect(numbers == (1...30).filter { ![7].contains($0) }.map { "\($0)".replacing("0", with: "") })
        }
    }

    @Test("a Manager that is away for a moment gets the lines when it is back")
    func later() async throws {
        let id = harness.newID()
        let isAway = Atomic(true)
        try await withLines(3, bytes: 10, id) { replica in
            manager.refuseLogs { _ in
                isAway.exchange(false, ordering: .relaxed) ? .unreachable("it is away") : nil
            }
            manager.assign([replica], logRequests: [LogRequest(id: "lr_1", replicaID: id, tail: 3, follow: true)])
            await eventually("they are posted") { lines("lr_1").count == 3 }
        }
    }
}
