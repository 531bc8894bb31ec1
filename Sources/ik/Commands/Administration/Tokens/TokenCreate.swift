import ArgumentParser
import Fleet
import InferenceKey
import InferenceKeyWire

struct TokenCreate: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", "Makes a control token and prints it, once.",
        examples: [
            "export INFERENCEKEY_SDK_TOKEN=$(ik token create --project acme)",
            "ik token create --project acme --scope workload:read --expires 30d --name dashboards",
        ])

    @OptionGroup var server: ServerOptions
    @OptionGroup var inProject: ProjectOption
    @OptionGroup var life: ExpiryOption

    @Option(
        name: .customLong("scope"),
        help: "workload:write, assignment:write or workload:read; may be repeated. The first two without it.")
    var scopes: [Scope] = []

    func run(_ session: Session) async throws {
        let project = try session.project(inProject)
        var body = try life.members()
        if !scopes.isEmpty { body["scopes"] = .array(scopes.map { .string($0.rawValue) }) }
        let token = try await session.administration().post("projects/\(PathSegment.encode(project))/tokens", body)
        session.reveal(
            token, secret: ControlTokenNoun.secret,
            "This control token of \(project) is shown once. Use it as INFERENCEKEY_SDK_TOKEN.")
    }
}

extension Scope: ExpressibleByArgument {}
