import ArgumentParser
import Console
import InferenceKey
import InferenceKeyWire

struct BackendList: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", "Lists the published versions of custom backends.",
        examples: ["ik backend list", "ik backend list --slug sentiment --json"])

    @OptionGroup var server: ServerOptions
    @OptionGroup var owner: TenantOption

    @Option(help: "Only of the backend with this slug.")
    var slug: String?

    func run(_ session: Session) async throws {
        let connection = try session.administration().connection
        let path =
            "/api/tenants/\(PathSegment.encode(owner.tenant))/custom-backends" + PathSegment.query([("slug", slug)])
        let rows = try await connection.get(path).arrayValue ?? []
        session.show(rows, none: "No custom backend was published yet. Next: ik backend publish --help") {
            var table = Table("SLUG", "VERSION", "TASK", "ENTRYPOINT", "SIZE", "SHA-256", "PUBLISHED")
            for row in rows {
                table.add(
                    row.text("slug"), row.text("version"), row.text("task_type"), row.text("entrypoint"),
                    row.bytes("size_bytes"), String(row.text("sha256").prefix(12)), row.ago("created_at"))
            }
            return table
        }
    }
}
