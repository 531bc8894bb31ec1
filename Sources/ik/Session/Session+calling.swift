import Console
import InferenceKey
import InferenceKeyWire

/// A workload that is called.
struct CallTarget: Sendable {
    var project: String
    var slug: String
    var endpoint: Endpoint
}

extension Session {
    /// The endpoint of a workload, with the data key of the option or the environment. A workload that is named by its
    /// id is looked up, for which a control credential is needed too.
    func endpoint(_ target: WorkloadArgument, key option: DataKeyOption) async throws -> CallTarget {
        let project = try project(target.inProject)
        guard let key = option.key ?? Process.variable("INFERENCEKEY_API_KEY") else {
            throw CommandFailure(
                .wrongUsage,
                "No ik_live_ key for workload \"\(target.workload)\". Set INFERENCEKEY_API_KEY or pass --key.",
                next: "export INFERENCEKEY_API_KEY=$(ik key create --project \(project) --workload \(target.workload))")
        }
        let client = try DataClient(baseURL: address, project: project, apiKey: key)
        let slug =
            target.workload.hasPrefix("wl_")
            ? try await slug(of: target, with: try workloads(in: project)) : target.workload
        return CallTarget(project: project, slug: slug, endpoint: try client.endpoint(slug))
    }
}
