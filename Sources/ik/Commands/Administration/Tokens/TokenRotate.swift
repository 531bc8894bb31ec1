import ArgumentParser

struct TokenRotate: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate", "Makes a new token in place of one; both are valid for the overlap.",
        examples: ["ik token rotate a1b2c3d4 --overlap 1h"])

    @OptionGroup var server: ServerOptions

    @Argument(help: "The token's id, or the beginning of it.")
    var id: String

    @Option(help: "How long the old one stays valid.")
    var overlap = "0s"

    func run(_ session: Session) async throws {
        try await session.rotate(ControlTokenNoun.self, id, overlap: overlap)
    }
}
