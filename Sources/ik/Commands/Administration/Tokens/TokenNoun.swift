import ArgumentParser

struct TokenNoun: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", "Control tokens (ik_sdk_): they declare workloads in one project.",
        examples: ["ik token create --project acme", "ik token list"],
        subcommands: [TokenCreate.self, TokenList.self, TokenRotate.self, TokenRevoke.self])
}
