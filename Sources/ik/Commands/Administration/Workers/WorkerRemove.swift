import ArgumentParser

struct WorkerRemove: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", "Forgets a worker and revokes its credential.",
        examples: ["ik worker remove gpu-1", "ik worker remove gpu-1 --force"])

    @OptionGroup var server: ServerOptions

    @Argument(help: "The worker's name or id, or the beginning of its id.")
    var worker: String

    @Flag(help: "Also while it is live and runs replicas: they move elsewhere.")
    var force = false

    func run(_ session: Session) async throws {
        let administration = try session.administration()
        let id = try await administration.worker(worker)
        try await administration.delete("workers/\(id)", [("force", force ? "true" : nil)])
        session.say("Removed the worker \(worker).")
    }
}
