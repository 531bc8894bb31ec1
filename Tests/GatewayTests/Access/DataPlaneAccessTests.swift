import Fleet
import InferenceKeyWire
import Testing

@testable import Gateway

@Suite("who may call what")
struct DataPlaneAccessTests {
    private static let answering: @Sendable (ScriptedEngine.Request) -> Void = { $0.connection.answer("{}") }

    @Test("every credential gets its own answer, and only a granted data key reaches the engine")
    func matrix() async throws {
        let engine = try await ScriptedEngine(script: Self.answering)
        let stranger = Credential(kind: .data, id: "99999999", secret: String(repeating: "00", count: 32))
        let wrongSecret = Credential(kind: .data, id: Rig.key.id, secret: String(repeating: "00", count: 32))
        let cases: [(String?, Int, String?)] = [
            (Rig.key.revealed, 200, nil),
            (nil, 401, "invalid_credentials"),
            ("", 401, "invalid_credentials"),
            ("ik_live_short", 401, "invalid_credentials"),
            ("ik_live_0A1B2C3D_" + String(repeating: "5e", count: 32), 401, "invalid_credentials"),
            (Rig.key.revealed + "0", 401, "invalid_credentials"),
            (String(Rig.key.revealed.dropLast()), 401, "invalid_credentials"),
            (Rig.key.revealed.uppercased(), 401, "invalid_credentials"),
            ("sk-" + String(repeating: "a", count: 48), 401, "invalid_credentials"),
            (stranger.revealed, 401, "invalid_credentials"),
            (wrongSecret.revealed, 401, "invalid_credentials"),
            (Rig.other.revealed, 403, "scope_insufficient"),
        ]
        let others = CredentialKind.allCases.filter { $0 != .data }.map { kind in
            (
                Credential(kind: kind, id: "0a1b2c3d", secret: String(repeating: "5e", count: 32)).revealed as String?,
                403, "wrong_credential_type" as String?
            )
        }
        var tables = GatewayTables.chat(engine.port)
        tables.keys.append(.of(Rig.other, tenant: ID("tn_2"), project: ID("pr_2"), slug: "globex"))
        try await Rig.run(tables) { rig async throws in
            for (key, status, code) in cases + others {
                let answer = try await rig.call(Rig.post(key: key))
                #expect(answer.status == status, "\(key ?? "none")")
                #expect(answer.header("x-request-id") != nil)
                guard let code else { continue }
                let error = try JSONValue(parsing: answer.body)["error"]
                #expect(error?["code"]?.stringValue == code, "\(key ?? "none")")
                #expect(error?["message"]?.stringValue?.isEmpty == false)
                #expect(error?["type"]?.stringValue != nil)
                #expect(!answer.text.contains("5e5e5e"))
            }
            #expect(engine.requests.count == 1)
        }
        await engine.stop()
    }

    @Test("without a grant the answer is the same whether the workload exists or not")
    func noGrant() async throws {
        let engine = try await ScriptedEngine(script: Self.answering)
        var tables = GatewayTables.chat(engine.port)
        tables.keys = [.of(Rig.key, grants: [.workload(slug: "other")])]
        try await Rig.run(tables) { rig async throws in
            let existing = try await rig.call(Rig.post())
            let absent = try await rig.call(Rig.post(path: "/endpoint/acme/nothing/v1/chat/completions"))
            let foreign = try await rig.call(Rig.post(path: "/endpoint/globex/chat/v1/chat/completions"))
            for answer in [existing, absent, foreign] {
                #expect(answer.status == 403)
                #expect(answer.text == existing.text)
            }
            let granted = try await rig.call(Rig.post(path: "/endpoint/acme/other/v1/chat/completions"))
            #expect(granted.status == 404)
            #expect(granted.text.contains("workload_not_found"))
            #expect(engine.requests.isEmpty)
        }
        await engine.stop()
    }

    @Test("a key opens its project by slug and by id, and its grant by slug")
    func names() async throws {
        let engine = try await ScriptedEngine(script: Self.answering)
        var tables = GatewayTables.chat(engine.port)
        tables.keys = [.of(Rig.key, grants: [.workload(slug: "chat")])]
        try await Rig.run(tables) { rig async throws in
            #expect(try await rig.call(Rig.post()).status == 200)
            #expect(try await rig.call(Rig.post(path: "/endpoint/pr_1/chat/v1/chat/completions")).status == 200)
            #expect(try await rig.call(Rig.post(path: "/endpoint/ACME/chat/v1/chat/completions")).status == 403)
            #expect(try await rig.call(Rig.post(path: "/endpoint/acme/Chat/v1/chat/completions")).status == 403)
        }
        await engine.stop()
    }

    @Test("an Anthropic client's x-api-key opens as well as Authorization does")
    func apiKeyHeader() async throws {
        let engine = try await ScriptedEngine(script: Self.answering)
        try await Rig.run(.chat(engine.port)) { rig async throws in
            let answer = try await rig.call(Rig.post(key: nil, headers: "x-api-key: \(Rig.key.revealed)\r\n"))
            #expect(answer.status == 200)
            let bare = try await rig.call(Rig.post(key: nil, headers: "authorization: \(Rig.key.revealed)\r\n"))
            #expect(bare.status == 401)
        }
        let head = try #require(engine.requests.first?.head)
        #expect(!head.contains("ik_live"))
        await engine.stop()
    }

    @Test("a key that has expired is refused at the moment it is used")
    func expiry() async throws {
        let engine = try await ScriptedEngine(script: Self.answering)
        try await Rig.run(.chat(engine.port, expiresAt: Timestamp(milliseconds: 1))) { rig async throws in
            let answer = try await rig.call(Rig.post())
            #expect(answer.status == 401)
            #expect(answer.text.contains("expired"))
        }
        try await Rig.run(.chat(engine.port, expiresAt: Timestamp.now.adding(seconds: 3600))) { rig async throws in
            #expect(try await rig.call(Rig.post()).status == 200)
        }
        await engine.stop()
    }

    @Test("a revoked key is refused as soon as the tables say so")
    func revocation() async throws {
        let engine = try await ScriptedEngine(script: Self.answering)
        try await Rig.run(.chat(engine.port), loops: 2) { rig async throws in
            let client = try await rig.client()
            client.send(Rig.post())
            #expect(try await client.answer().status == 200)
            var tables = GatewayTables.chat(engine.port)
            tables.version = 2
            tables.keys = []
            try await rig.gateway.install(tables)
            client.send(Rig.post())
            #expect(try await client.answer().status == 401)
            client.close()
        }
        await engine.stop()
    }

    @Test("tenants do not see each other's endpoints under the same names")
    func tenants() async throws {
        let engine = try await ScriptedEngine(script: Self.answering)
        var tables = GatewayTables.chat(engine.port)
        tables.keys = [.of(Rig.other, tenant: ID("tn_2"), project: ID("pr_2"), slug: "acme")]
        try await Rig.run(tables) { rig async throws in
            let answer = try await rig.call(Rig.post(key: Rig.other.revealed))
            #expect(answer.status == 404)
            #expect(engine.requests.isEmpty)
        }
        await engine.stop()
    }
}
