import ArgumentParser
import Console
import InferenceKey
import InferenceKeyWire

struct KeyCreate: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", "Makes a data key and prints it, once.",
        examples: [
            "export INFERENCEKEY_API_KEY=$(ik key create --project acme --all-workloads)",
            "ik key create --project acme --workload support-bot --rpm 60 --concurrency 4 --expires 30d",
        ])

    @OptionGroup var server: ServerOptions
    @OptionGroup var inProject: ProjectOption
    @OptionGroup var life: ExpiryOption

    @Option(name: [.customShort("w"), .customLong("workload")], help: "A workload it may call; may be repeated.")
    var workloads: [String] = []

    @Flag(help: "It may call every workload of the project, later ones too.")
    var allWorkloads = false

    @Option(help: "Requests per minute.")
    var rpm: Int?

    @Option(help: "Tokens per minute.")
    var tpm: Int?

    @Option(help: "Requests at a time.")
    var concurrency: Int?

    func validate() throws {
        guard allWorkloads != !workloads.isEmpty else {
            throw ValidationError("Give --workload SLUG (once or more), or --all-workloads.")
        }
        for (option, limit) in [("--rpm", rpm), ("--tpm", tpm), ("--concurrency", concurrency)] {
            if let limit, limit < 1 { throw ValidationError("\(option) must be 1 or more; leave it out for no limit.") }
        }
    }

    func run(_ session: Session) async throws {
        let project = try session.project(inProject)
        var body = try life.members()
        body["grants"] = .array(allWorkloads ? ["*"] : workloads.map { .string($0) })
        var limits = JSONObject()
        limits["rpm"] = rpm.map { .int($0) }
        limits["tpm"] = tpm.map { .int($0) }
        limits["concurrency"] = concurrency.map { .int($0) }
        if !limits.isEmpty { body["limits"] = .object(limits) }
        let key = try await session.administration().post("projects/\(PathSegment.encode(project))/keys", body)
        session.reveal(
            key, secret: DataKeyNoun.secret,
            "This data key of \(project) is shown once. Use it as INFERENCEKEY_API_KEY.")
    }
}
