import ArgumentParser

struct KeyNoun: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", "Data keys (ik_live_): they call the workloads they were granted.",
        examples: ["ik key create --project acme --all-workloads", "ik key list"],
        subcommands: [KeyCreate.self, KeyList.self, KeyRotate.self, KeyRevoke.self])
}
