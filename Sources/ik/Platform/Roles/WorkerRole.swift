import ArgumentParser
import Console
import InferenceKeyWire
import Worker

struct WorkerRole: PlatformCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", "Runs the agent of this machine. 'ik worker' alone does the same.",
        examples: [
            "ik worker --join ik_join_… --manager http://10.0.0.1:8080", "ik worker --manager http://10.0.0.1:8080",
        ],
        notes: "It joins once; later starts use the credential in its data folder.")

    @OptionGroup var shared: PlatformOptions
    @OptionGroup var engines: EngineOptions

    @Option(help: "The Manager's or a Gateway's address (IK_MANAGER).")
    var manager: String?

    @Option(help: "A token of 'ik worker join-token', for the first start (IK_JOIN: not seen in 'ps').")
    var join: String?

    @Option(help: "What it is called (IK_NAME; the host's name without it).")
    var name: String?

    var typed: [Setting: [String]] {
        engines.typed.merging([.manager: manager.list, .join: join.list, .name: name.list]) { $1 }
    }

    func run(_ stage: Stage) async throws {
        let manager = try stage.managerURL(of: "worker")
        let access = try stage.joinToken().map { WorkerConfiguration.Access.join(token: $0) } ?? .joined
        let lock = try stage.installation.open()
        let configuration = try stage.workerConfiguration(
            manager: manager, access: access, name: stage.settings.text(.name) ?? Machine.hostname)
        try await stage.serve([stage.workerAgent(configuration)])
        withExtendedLifetime(lock) {}
    }
}
