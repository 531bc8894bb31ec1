import ArgumentParser

struct TokenRevoke: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", "Revokes a control token at once.", examples: ["ik token revoke a1b2c3d4"])

    @OptionGroup var server: ServerOptions

    @Argument(help: "The token's id, or the beginning of it.")
    var id: String

    func run(_ session: Session) async throws { try await session.revoke(ControlTokenNoun.self, id) }
}
