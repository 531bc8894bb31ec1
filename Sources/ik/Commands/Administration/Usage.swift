import ArgumentParser
import Console
import InferenceKeyWire

struct Usage: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "usage", "Shows requests and tokens by day, workload and key.",
        examples: ["ik usage", "ik usage --project acme --from 2026-11-01 --to 2026-11-30 --json"])

    @OptionGroup var server: ServerOptions
    @OptionGroup var inProject: ProjectOption

    @Option(help: "Only of this workload.")
    var workload: String?

    @Option(help: "Only of this key, by its id.")
    var key: String?

    @Option(help: "First day, such as 2026-11-01.")
    var from: String?

    @Option(help: "Last day.")
    var to: String?

    func run(_ session: Session) async throws {
        let rows = try await session.administration().list(
            "usage",
            [
                ("project", session.namedProject(inProject)), ("workload", workload), ("key", key), ("from", from),
                ("to", to),
            ])
        session.show(rows, none: "Nothing was used yet. Next: ik chat WORKLOAD 'Hello'") {
            var table = Table(
                "DAY", "PROJECT", "WORKLOAD", "KEY", "REQUESTS", "FAILED", "TOKENS IN", "TOKENS OUT", "TIME")
            for row in rows {
                table.add(
                    row.text("day"), row.text("project_slug"), row.text("workload_slug"), row.text("key_id"),
                    row.text("requests"), row.text("failed_requests"), row.text("tokens_in"), row.text("tokens_out"),
                    TimeSpan.clock(milliseconds: Int64(row["milliseconds"]?.intValue ?? 0)))
            }
            return table
        }
    }
}
