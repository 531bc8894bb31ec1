import ArgumentParser
import Console
import InferenceKey
import InferenceKeyWire

struct Logs: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", "Prints what the engines of a workload wrote.",
        examples: ["ik logs support-bot --project acme", "ik logs support-bot --project acme -f --tail 20"])

    @OptionGroup var server: ServerOptions
    @OptionGroup var target: WorkloadArgument

    @Flag(name: [.customShort("f"), .customLong("follow")], help: "Go on with new lines.")
    var follow = false

    @Option(parsing: .unconditional, help: "How many of the newest lines of each replica to begin with.")
    var tail = 100

    @Option(help: "Only of this replica, by its id or the beginning of it.")
    var replica: String?

    func validate() throws {
        if tail < 0 { throw ValidationError("--tail must be 0 or more, not \(tail).") }
    }

    func run(_ session: Session) async throws {
        let client = try session.workloads(in: try session.project(target.inProject))
        let slug = try await session.slug(of: target, with: client)
        let replicas = try await session.detail("status", of: target)["replicas"]?.arrayValue ?? []
        let ids = replicas.map { $0.text("id") }
        let chosen = try replica.map { try ShortID.resolve($0, in: ids, noun: "replica") }
        if replicas.isEmpty { session.say("\(slug) has no replica. Next: ik explain \(slug)") }
        for try await line in try await client.logs(slug, replica: chosen, tail: tail, follow: follow) {
            if session.wantsJSON {
                session.terminal.print(line.json.text)
            } else {
                let mark = ids.count > 1 ? ShortID.prefix(of: line.replicaID, among: ids) + "  " : ""
                session.terminal.print(session.terminal.output.dim(mark) + line.text)
            }
        }
    }
}
