import ArgumentParser
import Console
import InferenceKeyWire

struct ProjectList: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", "Lists the projects.", examples: ["ik project list", "ik project list --json"])

    @OptionGroup var server: ServerOptions

    func run(_ session: Session) async throws {
        let projects = try await session.administration().list("projects")
        session.show(projects, none: "There is no project yet. Next: ik project create acme") {
            var table = Table("SLUG", "WORKLOADS", "CREATED", "ID")
            for project in projects {
                table.add(
                    project.text("slug"), project.text("workloads"), project.ago("created_at"), project.text("id"))
            }
            return table
        }
    }
}
