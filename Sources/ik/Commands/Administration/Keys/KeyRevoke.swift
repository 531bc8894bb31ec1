import ArgumentParser

struct KeyRevoke: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", "Revokes a data key at once.", examples: ["ik key revoke a1b2c3d4"])

    @OptionGroup var server: ServerOptions

    @Argument(help: "The key's id, or the beginning of it.")
    var id: String

    func run(_ session: Session) async throws { try await session.revoke(DataKeyNoun.self, id) }
}
