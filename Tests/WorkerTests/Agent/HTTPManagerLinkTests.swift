import Fleet
import InferenceKeyWire
import LoopbackServer
import Synchronization
import Testing
import Transport
import Worker

@Suite("The link to the Manager over HTTP", .timeLimit(.minutes(5)))
struct HTTPManagerLinkTests {
    private static let worker = Credential(kind: .worker, id: "0123abcd", secret: String(repeating: "e", count: 64))
    private static let assignment = WorkerAssignment(
        generation: 7,
        replicas: [
            ReplicaAssignment(
                replicaID: ID("rp_1"), workloadSlug: "w", revision: 2, backend: .vllm, taskType: .text2text,
                modelName: "m",
                servedNames: ["m", "w"], config: ["command": "vllm serve m"], deviceIDs: ["GPU-1"], engineKey: "k",
                isDraining: false)
        ], logRequests: [LogRequest(id: "lr_1", replicaID: ID("rp_1"), tail: 5, follow: true)])

    private func link(to server: LoopbackServer) throws -> HTTPManagerLink {
        HTTPManagerLink(manager: try #require(BaseURL("http://127.0.0.1:\(server.port)")), client: HTTPClient())
    }

    @Test("it joins with a token and gets a credential")
    func joins() async throws {
        let server = try await LoopbackServer { _, reply in
            reply.json(200, "{\"worker_id\": \"wk_1\", \"credential\": \"\(Self.worker.revealed)\"}")
        }
        let token = Credential(kind: .join, id: "0123abcd", secret: String(repeating: "f", count: 64))
        #expect(try await link(to: server).join(token: token, name: "box") == Self.worker)
        let request = server.record.requests[0]
        #expect(request.method + " " + request.target == "POST /api/worker/join")
        #expect(request["authorization"] == "Bearer \(token.revealed)")
        #expect(request.bodyText == "{\"name\":\"box\"}")
        await server.stop()
    }

    @Test("each event is a whole assignment")
    func watches() async throws {
        let text = Self.assignment.json.text
        let server = try await LoopbackServer { _, reply in
            reply.openEvents()
            reply.chunk("data: \(text)\n\n: keep-alive\n\ndata: ")
            reply.chunk(text + "\n\n")
            reply.endChunks()
        }
        let seen = Mutex<[WorkerAssignment]>([])
        try await link(to: server).watchAssignments(as: Self.worker) { assignment in
            seen.withLock { $0.append(assignment) }
        }
        #expect(seen.withLock { $0 } == [Self.assignment, Self.assignment])
        let request = server.record.requests[0]
        #expect(request["authorization"] == "Bearer \(Self.worker.revealed)")
        #expect(request.target == "/api/worker/assignment")
        await server.stop()
    }

    @Test("an assignment may be large: every replica comes with its whole config")
    func large() async throws {
        let one = Self.assignment.replicas[0]
        let config: JSONObject = ["command": .string(String(repeating: "x", count: 18 << 20))]
        let replica = ReplicaAssignment(
            replicaID: one.replicaID, workloadSlug: "w", revision: 1, backend: .vllm, taskType: .text2text,
            modelName: "m", servedNames: ["m"], config: config, deviceIDs: [], engineKey: "k", isDraining: false)
        let text = WorkerAssignment(generation: 1, replicas: [replica]).json.text
        let server = try await LoopbackServer { _, reply in
            reply.openEvents()
            reply.chunk("data: \(text)\n\n")
            reply.endChunks()
        }
        let seen = Mutex(0)
        try await link(to: server).watchAssignments(as: Self.worker) { assignment in
            seen.withLock { $0 += assignment.replicas.count }
        }
        #expect(seen.withLock { $0 } == 1)
        await server.stop()
    }

    @Test("a refusal carries the Manager's words")
    func refused() async throws {
        let server = try await LoopbackServer { _, reply in
            reply.json(401, "{\"error\": \"invalid_credentials\", \"message\": \"unknown worker\"}")
        }
        let link = try link(to: server)
        await #expect(throws: LinkError.refused(status: 401, message: "unknown worker")) {
            try await link.watchAssignments(as: Self.worker) { _ in }
        }
        await #expect(throws: LinkError.refused(status: 401, message: "unknown worker")) {
            try await link.post(LogBatch(requestID: "lr_1", lines: [], isDone: true), as: Self.worker)
        }
        await server.stop()
    }

    @Test("nobody there is unreachable")
    func unreachable() async throws {
        let link = HTTPManagerLink(manager: try #require(BaseURL("http://127.0.0.1:1")), client: HTTPClient())
        let error = await #expect(throws: LinkError.self) {
            try await link.watchAssignments(as: Self.worker) { _ in }
        }
        guard case .unreachable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("waits between tries grow to 5 s")
    func delays() {
        var delay = ReconnectDelay()
        #expect((0..<6).map { _ in delay.next() } == [1, 2, 4, 5, 5, 5].map { .seconds($0) })
        delay.reset()
        #expect(delay.next() == .seconds(1))
    }
}
