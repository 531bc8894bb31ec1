import Fleet
import FleetTesting
import Foundation
import InferenceKeyWire
import Manager
import SQLiteStore

/// Every implementation of the port, for the suite that all of them pass.
enum StoreKind: String, CaseIterable, Sendable {
    case memory, sqlite

    /// Gives a new store to `body`.
    func use(_ body: (any FleetStore) async throws -> Void) async throws {
        switch self {
        case .memory: try await body(MemoryStore())
        case .sqlite:
            try await withFolder { folder in try await body(try SQLiteStore(path: folder + "/fleet.db")) }
        }
    }
}

/// Gives an empty folder to `body` and removes it afterwards.
func withFolder<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ik-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await body(folder)
}

/// A small fleet with one of everything.
struct Sample {
    static let time = Timestamp(milliseconds: 1_793_520_000_123)
    static let hash = SecretHash(of: Credential(kind: .data, id: "0a1b2c3d", secret: String(repeating: "a", count: 64)))

    let tenant = Tenant(id: ID("tn_1"), slug: "default", createdAt: time)
    let project = Project(id: ID("pr_1"), tenantID: ID("tn_1"), slug: "acme", createdAt: time)
    let worker = WorkerRecord(
        id: ID("wk_1"), tenantID: ID("tn_1"), name: "box", createdAt: time, cordonedDevices: ["GPU-1"])
    let key = CredentialRecord(
        id: "0a1b2c3d", kind: .data, hash: hash, name: "app", tenantID: ID("tn_1"), projectID: ID("pr_1"),
        grants: [.allWorkloads, .workload(slug: "chat")], limits: KeyLimits(requestsPerMinute: 60), createdAt: time)
    var workload = WorkloadRecord(
        id: ID("wl_1"), projectID: ID("pr_1"), slug: "chat", name: "Chat", backend: .vllm, modelName: "m",
        config: ["command": "vllm serve m", "x": 1.50], createdAt: time, updatedAt: time)
    let replica = ReplicaRecord(
        id: ID("rp_1"), workloadID: ID("wl_1"), revision: 1, workerID: ID("wk_1"), deviceIDs: ["GPU-1"],
        deviceShare: 0.5, createdAt: time,
        engine: EngineSpec(backend: .vllm, taskType: .embedding, modelName: "m", config: ["a": [1, nil]]),
        servingPort: 4000)

    var changes: [FleetChange] {
        [
            .putTenant(tenant), .putProject(project), .putWorker(worker), .putCredential(key), .putWorkload(workload),
            .putReplica(replica),
        ]
    }

    func revision(_ number: Int) -> RevisionRecord {
        RevisionRecord(
            workloadID: workload.id, revision: number, at: Self.time, by: "ik_sdk_0a1b2c3d…",
            changes: [FieldChange(field: "name", from: .null, to: "Chat")])
    }

    func entry(_ number: Int) -> AuditEntry {
        AuditEntry(
            id: "au_\(number)", at: Self.time, actor: "system", action: "workload.create", subject: "wl_1",
            detail: ["n": .int(number)])
    }

    func usage(_ day: String, key: String = "k1", requests: Int = 1) -> UsageRecord {
        UsageRecord(
            day: day, projectID: project.id, workloadSlug: "chat", keyID: key, requests: requests,
            failedRequests: 0, tokensIn: 2, tokensOut: 3, milliseconds: 4)
    }
}
