import Fleet
import InferenceKeyWire
import Logging
import NIOCore
import Synchronization

@testable import Gateway

/// A Gateway on a port of the kernel's choosing, with tables of the test's own.
struct Rig: Sendable {
    static let key = Credential(kind: .data, id: "0a1b2c3d", secret: String(repeating: "5e", count: 32))
    static let other = Credential(kind: .data, id: "11111111", secret: String(repeating: "77", count: 32))

    let gateway: GatewayService
    let port: Int

    /// Runs `body` against a Gateway that serves `tables`, then stops it.
    static func run<Result: Sendable>(
        _ tables: GatewayTables, loops: Int = 1, control: Int? = nil,
        limits: (inout GatewayLimits) -> Void = { _ in }, configure: (inout GatewayConfiguration) -> Void = { _ in },
        _ body: (Rig) async throws -> Result
    ) async throws -> Result {
        var configuration = GatewayConfiguration()
        configuration.loopCount = loops
        configuration.limits.sweepInterval = .milliseconds(10)
        configuration.limits.drain = .milliseconds(200)
        configuration.controlUpstream = control.map { Address(host: "127.0.0.1", port: $0) }
        limits(&configuration.limits)
        configure(&configuration)
        var logger = Logger(label: "gateway")
        logger.logLevel = .critical
        let gateway = GatewayService(configuration, logger: logger)
        let running = Task { try await gateway.run() }
        do {
            let port = try await gateway.boundPort()
            if !tables.endpoints.isEmpty || !tables.keys.isEmpty { try await gateway.install(tables) }
            let result = try await body(Rig(gateway: gateway, port: port))
            running.cancel()
            try? await running.value
            return result
        } catch {
            running.cancel()
            try? await running.value
            throw error
        }
    }

    func client(reads: Bool = true, receiveBufferBytes: Int? = nil) async throws -> WireClient {
        try await WireClient(port: port, reads: reads, receiveBufferBytes: receiveBufferBytes)
    }

    /// Sends one request on a connection of its own and waits for the answer.
    func call(_ request: String) async throws -> Answer {
        let client = try await client()
        defer { client.close() }
        client.send(request)
        return try await client.answer()
    }

    func metric(_ name: String) async -> Int {
        let text = await gateway.metricsText()
        for line in text.split(separator: "\n") where line.hasPrefix("inferencekey_gateway_\(name) ") {
            return Int(line.split(separator: " ").last ?? "") ?? -1
        }
        return -1
    }
}

extension Rig {
    static let chatBody = #"{"model":"tiny","messages":[{"role":"user","content":"hi"}]}"#

    /// A request of the data plane as it travels.
    static func post(
        _ body: String = chatBody, path: String = "/endpoint/acme/chat/v1/chat/completions",
        key: String? = key.revealed, headers: String = ""
    ) -> String {
        let authorization = key.map { "Authorization: Bearer \($0)\r\n" } ?? ""
        return "POST \(path) HTTP/1.1\r\nHost: x\r\n\(authorization)Content-Type: application/json\r\n\(headers)"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    static func get(_ path: String, key: String? = key.revealed) -> String {
        let authorization = key.map { "Authorization: Bearer \($0)\r\n" } ?? ""
        return "GET \(path) HTTP/1.1\r\nHost: x\r\n\(authorization)\r\n"
    }
}

extension GatewayTables {
    /// One endpoint `acme/chat` with the key of ``Rig``.
    static func chat(
        _ ports: Int..., task: TaskType = .text2text, model: String = "tiny", draining: Set<Int> = [],
        engineKey: String = "engine-secret", limits: KeyLimits = KeyLimits(), expiresAt: Timestamp? = nil
    ) -> GatewayTables {
        let upstreams = ports.map { port in
            Upstream(
                replicaID: ID("rp_\(port)"), host: "127.0.0.1", port: port, engineKey: engineKey, servedName: model,
                isDraining: draining.contains(port))
        }
        let endpoint = EndpointRoute(
            tenantID: ID("tn_1"), projectID: ID("pr_1"), projectSlug: "acme", workloadSlug: "chat", taskType: task,
            modelName: model, statusReason: upstreams.isEmpty ? "starting" : nil, retryAfterMilliseconds: nil,
            upstreams: upstreams)
        return GatewayTables(
            version: 1, endpoints: [endpoint],
            keys: [.of(Rig.key, limits: limits, expiresAt: expiresAt)])
    }
}

extension DataKey {
    static func of(
        _ credential: Credential, tenant: TenantID = ID("tn_1"), project: ProjectID = ID("pr_1"), slug: String = "acme",
        grants: [Grant] = [.allWorkloads], limits: KeyLimits = KeyLimits(), expiresAt: Timestamp? = nil
    ) -> DataKey {
        DataKey(
            id: credential.id, hash: SecretHash(of: credential), tenantID: tenant, projectID: project,
            projectSlug: slug, grants: grants, limits: limits, expiresAt: expiresAt)
    }
}
