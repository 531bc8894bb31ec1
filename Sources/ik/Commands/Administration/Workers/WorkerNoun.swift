import ArgumentParser

struct WorkerNoun: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker", "Runs the agent of this machine, or looks after the workers of a platform.",
        examples: [
            "ik worker --join ik_join_… --manager http://10.0.0.1:8080", "ik worker join-token", "ik worker list",
        ],
        subcommands: [
            WorkerRole.self, JoinToken.self, WorkerList.self, WorkerShow.self, WorkerCordon.self, WorkerDrain.self,
            WorkerRemove.self,
        ], defaultSubcommand: WorkerRole.self)
}
