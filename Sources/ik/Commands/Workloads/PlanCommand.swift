import ArgumentParser
import Console
import InferenceKey
import InferenceKeyWire

struct PlanCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", "Shows what 'ik apply' would do, and changes nothing.",
        examples: ["ik plan -f models.yaml --project acme", "ik plan -f models.yaml --prune --detailed-exitcode"])

    @OptionGroup var server: ServerOptions
    @OptionGroup var files: FileArguments

    @Flag(help: "Also delete workloads of these projects that no file declares.")
    var prune = false

    @Flag(name: .customLong("detailed-exitcode"), help: "End with 2 when there is something to do.")
    var detailedExitCode = false

    func run(_ session: Session) async throws {
        let declared = try files.read(project: session.namedProject(files.inProject))
        let plan = PlanText(try await session.plan(declared, in: files.inProject, prune: prune))
        session.show(plan.json, plan.text(session.terminal.output))
        if plan.hasChanges, detailedExitCode { throw Ending(outcome: .planHasChanges) }
    }
}
