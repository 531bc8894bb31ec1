import ArgumentParser

/// Which platform a client command speaks to, and how it prints.
struct ServerOptions: ParsableArguments {
    @Option(
        name: .customLong("base-url"),
        help: "Where the platform answers (INFERENCEKEY_BASE_URL; else http://127.0.0.1:8080).")
    var baseURL: String?

    @Option(help: "Data folder of the platform on this machine, where its operator key lies (IK_DATA).")
    var data: String?

    @Flag(help: "Print JSON.")
    var json = false
}

/// The project a command works in.
struct ProjectOption: ParsableArguments {
    @Option(name: [.customShort("p"), .customLong("project")], help: "The project's slug (INFERENCEKEY_PROJECT).")
    var project: String?

    /// A blank one is mostly an unset variable of a script: not a reason to take another project.
    func validate() throws {
        if let project, project.allSatisfy(\.isWhitespace) { throw ValidationError("--project must not be blank.") }
    }
}

/// A workload of a project.
struct WorkloadArgument: ParsableArguments {
    @OptionGroup var inProject: ProjectOption

    @Argument(help: "The workload's slug, or its id or the beginning of it.")
    var workload: String
}

/// The key that a calling command uses.
struct DataKeyOption: ParsableArguments {
    @Option(help: "An ik_live_ key (INFERENCEKEY_API_KEY). A key on the command line is seen by others in 'ps'.")
    var key: String?
}
