import ArgumentParser
import Console
import InferenceKeyWire

struct KeyList: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", "Lists the data keys, never their secrets.",
        examples: ["ik key list", "ik key list --project acme"])

    @OptionGroup var server: ServerOptions
    @OptionGroup var inProject: ProjectOption

    func run(_ session: Session) async throws {
        let keys = try await session.administration().list("keys", [("project", session.namedProject(inProject))])
        session.show(keys, none: "There is no data key. Next: ik key create --project acme --all-workloads") {
            var table = Table("ID", "PROJECT", "STATUS", "NAME", "GRANTS", "LIMITS", "LAST USED", "EXPIRES")
            for key in keys {
                table.add(
                    key.text("id"), key.text("project_slug"), key.text("status"), key.text("name"), key.text("grants"),
                    Self.limits(key), key.ago("last_used_at"), key.ago("expires_at"))
            }
            return table
        }
    }

    private static func limits(_ key: JSONValue) -> String {
        let limits = key["limits"] ?? .null
        return ["rpm", "tpm", "concurrency"].compactMap { name in
            limits[name]?.intValue.map { "\(name) \($0)" }
        }.joined(separator: " ")
    }
}
