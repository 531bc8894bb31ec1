import Fleet
import Glibc
import InferenceKeyWire
import Testing
import Worker

@Suite("Log lines are posted to who asks", .timeLimit(.minutes(1)))
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
}
