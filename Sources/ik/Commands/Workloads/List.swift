import ArgumentParser
import Console
import InferenceKey
import InferenceKeyWire

struct List: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", "Lists the workloads of a project.",
        examples: ["ik list --project acme", "ik list --project acme --json"])

    @OptionGroup var server: ServerOptions
    @OptionGroup var inProject: ProjectOption

    func run(_ session: Session) async throws {
        let project = try session.project(inProject)
        let workloads = try await session.workloads(in: project).list()
        session.show(workloads.map(\.json), none: "\(project) has no workload. Next: ik apply -f models.yaml") {
            let ids = workloads.map(\.id)
            var table = Table("SLUG", "STATUS", "BACKEND", "MODEL", "REVISION", "ID", "REASON")
            for workload in workloads {
                table.add(
                    workload.slug, workload.status.rawValue, workload.backend.rawValue, workload.modelName,
                    String(workload.revision), ShortID.prefix(of: workload.id, among: ids), workload.statusReason ?? "")
            }
            return table
        }
    }
}
