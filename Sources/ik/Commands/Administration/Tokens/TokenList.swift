import ArgumentParser
import Console
import InferenceKeyWire

struct TokenList: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", "Lists the control tokens, never their secrets.",
        examples: ["ik token list", "ik token list --project acme"])

    @OptionGroup var server: ServerOptions
    @OptionGroup var inProject: ProjectOption

    func run(_ session: Session) async throws {
        let tokens = try await session.administration().list("tokens", [("project", session.namedProject(inProject))])
        session.show(tokens, none: "There is no control token. Next: ik token create --project acme") {
            var table = Table("ID", "PROJECT", "STATUS", "NAME", "SCOPES", "LAST USED", "EXPIRES")
            for token in tokens {
                table.add(
                    token.text("id"), token.text("project_slug"), token.text("status"), token.text("name"),
                    token.text("scopes"), token.ago("last_used_at"), token.ago("expires_at"))
            }
            return table
        }
    }
}
