import ArgumentParser
import Console

struct WaitCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait", "Waits until workloads are ready.",
        examples: ["ik wait support-bot --project acme", "ik wait chat embed --timeout 20m"])

    @OptionGroup var server: ServerOptions
    @OptionGroup var inProject: ProjectOption
    @OptionGroup var waiting: WaitOptions

    @Argument(help: "The workloads' slugs.")
    var workloads: [String]

    func run(_ session: Session) async throws {
        let project = try session.project(inProject)
        try await ReadinessWatch(session: session, timeout: try waiting.duration())
            .wait(for: workloads.map { WaitedWorkload(project: project, slug: $0) })
    }
}
