import ArgumentParser
import InferenceKeyWire

struct ProjectCreate: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", "Makes a project; one that is there already is left as it is.",
        examples: ["ik project create acme"])

    @OptionGroup var server: ServerOptions

    @Argument(help: "Its slug: 1-63 lower-case letters, digits and single inner dashes.")
    var slug: String

    func run(_ session: Session) async throws {
        let project = try await session.administration().post("projects", ["slug": .string(slug)])
        let slug = project["slug"]?.stringValue ?? slug
        session.show(project, slug)
        session.say("The project \(slug) is there. Next: ik apply -f models.yaml --project \(slug) --wait")
    }
}
