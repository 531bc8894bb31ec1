import Console
import InferenceKey
import InferenceKeyWire

extension Session {
    /// The administration routes, with the operator key.
    func administration() throws -> Administration {
        Administration(connection: try ControlConnection(baseURL: address, credential: try operatorKey()))
    }

    /// The workload routes of the control plane.
    func workloads(in project: String?) throws -> ManagementClient {
        try ManagementClient(baseURL: address, credential: try workloadCredential(), project: project)
    }

    /// The workload that the argument names.
    func slug(of argument: WorkloadArgument, with client: ManagementClient) async throws -> String {
        try await slug(named: argument.workload, with: client)
    }

    /// A slug as it is, an id or its beginning looked up.
    func slug(named text: String, with client: ManagementClient) async throws -> String {
        guard text.hasPrefix("wl_") else { return text }
        let all = try await client.list()
        let id = try ShortID.resolve(text, in: all.map(\.id), noun: "workload")
        return all.first { $0.id == id }?.slug ?? text
    }
}
