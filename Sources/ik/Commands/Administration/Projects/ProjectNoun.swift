import ArgumentParser

struct ProjectNoun: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "project", "Makes, lists and deletes projects.",
        examples: ["ik project create acme", "ik project list"],
        subcommands: [ProjectCreate.self, ProjectList.self, ProjectDelete.self])
}
