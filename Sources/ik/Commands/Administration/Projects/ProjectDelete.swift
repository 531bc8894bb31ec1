import ArgumentParser
import InferenceKey

struct ProjectDelete: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", "Deletes a project that has no workloads, with its tokens and keys.",
        examples: ["ik project delete acme"])

    @OptionGroup var server: ServerOptions

    @Argument(help: "Its slug or id.")
    var slug: String

    func run(_ session: Session) async throws {
        try await session.administration().delete("projects/\(PathSegment.encode(slug))")
        session.say("Deleted the project \(slug).")
    }
}
