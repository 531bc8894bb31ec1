import ArgumentParser
import Console
import InferenceKey

struct Delete: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", "Deletes a workload: its replicas finish their requests and stop.",
        examples: ["ik delete support-bot --project acme"])

    @OptionGroup var server: ServerOptions
    @OptionGroup var target: WorkloadArgument

    func run(_ session: Session) async throws {
        let project = try session.project(target.inProject)
        let client = try session.workloads(in: project)
        let slug = try await session.slug(of: target, with: client)
        guard try await client.delete(slug) else {
            throw CommandFailure(.notFound, "\(project) has no workload \(slug)", next: "ik list --project \(project)")
        }
        session.say("Deleted \(project)/\(slug).")
    }
}
