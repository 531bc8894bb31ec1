import Console
import InferenceKey
import InferenceKeyWire

extension Session {
    /// What `/api/workloads/:id/…` answers about a workload.
    func detail(_ name: String, of target: WorkloadArgument) async throws -> JSONValue {
        let client = try workloads(in: try project(target.inProject))
        let workload = try await client.get(try await slug(of: target, with: client))
        let connection = try ControlConnection(baseURL: address, credential: try workloadCredential())
        return try await connection.get("/api/workloads/\(workload.id)/\(name)")
    }
}
