import ArgumentParser

/// The root of the command tree.
struct IK: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ik",
        "Declare AI models in code and call them on an OpenAI-compatible endpoint.",
        examples: [
            "ik up", "ik project create acme", "ik apply -f models.yaml --project acme --wait",
            "ik chat support-bot 'Hello' --project acme",
        ],
        groups: [
            CommandGroup(
                name: "Platform", subcommands: [Up.self, ManagerRole.self, GatewayRole.self, WorkerNoun.self]),
            CommandGroup(
                name: "Workload",
                subcommands: [
                    PlanCommand.self, Apply.self, List.self, Get.self, Status.self, Explain.self, Logs.self,
                    WaitCommand.self, History.self, Delete.self,
                ]),
            CommandGroup(name: "Calling", subcommands: [Chat.self, Embed.self, Rerank.self]),
            CommandGroup(
                name: "Administration",
                subcommands: [ProjectNoun.self, TokenNoun.self, KeyNoun.self, BackendNoun.self, Usage.self]),
            CommandGroup(name: "Tool", subcommands: [Doctor.self, Version.self, Completion.self]),
        ])
}
