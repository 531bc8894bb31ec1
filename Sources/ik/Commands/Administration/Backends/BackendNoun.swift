import ArgumentParser

struct BackendNoun: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backend", "Publishes and lists custom backends.",
        examples: [
            "ik backend publish sentiment.tar.gz --slug sentiment --version 1.0.0 --task-type classification "
                + "--entrypoint sentiment:Sentiment",
            "ik backend list",
        ],
        subcommands: [BackendPublish.self, BackendList.self])
}

/// The tenant a command works in.
struct TenantOption: ParsableArguments {
    @Option(help: "The tenant's slug or id.")
    var tenant = "default"
}
