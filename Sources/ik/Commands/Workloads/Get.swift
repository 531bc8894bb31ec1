import ArgumentParser
import InferenceKey
import InferenceKeyWire

struct Get: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", "Shows what is declared of a workload.",
        examples: ["ik get support-bot --project acme", "ik get support-bot --project acme --json"])

    @OptionGroup var server: ServerOptions
    @OptionGroup var target: WorkloadArgument

    func run(_ session: Session) async throws {
        let client = try session.workloads(in: try session.project(target.inProject))
        let workload = try await client.get(try await session.slug(of: target, with: client))
        session.show(workload.json, Self.text(workload.json))
    }

    /// One `key: value` line per field that is set.
    private static func text(_ workload: JSONValue) -> String {
        (workload.objectValue ?? [:]).filter { !$0.value.isNull && $0.key != "workload_slug" }
            .map { "\($0.key): \($0.value.stringValue ?? $0.value.text)" }.joined(separator: "\n")
    }
}
