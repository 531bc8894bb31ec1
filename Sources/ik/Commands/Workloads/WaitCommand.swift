import ArgumentParser
import Console

struct WaitCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait", "Waits until workloads are ready.",
        examples: ["ik wait support-bot --project acme", "ik wait chat embed --timeout 20m"])

    @OptionGroup var server: ServerOptions
    @OptionGroup var inProject: ProjectOption
    @OptionGroup var waiting: WaitOptions

    @Argument(help: "The workloads' slugs, or their ids or the beginnings of them.")
    var workloads: [String]

    func run(_ session: Session) async throws {
        let project = try session.project(inProject)
        let timeout = try waiting.duration()
        let client = try session.workloads(in: project)
        var waited: [WaitedWorkload] = []
        for name in workloads {
            waited.append(WaitedWorkload(project: project, slug: try await session.slug(named: name, with: client)))
        }
        try await ReadinessWatch(session: session, timeout: timeout).wait(for: waited)
    }
}
