import ArgumentParser
import InferenceKeyWire

struct WorkerDrain: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain", "Moves the replicas of a worker to others, one by one.",
        examples: ["ik worker drain gpu-1", "ik worker drain gpu-1 --undo"])

    @OptionGroup var server: ServerOptions

    @Argument(help: "The worker's name or id, or the beginning of its id.")
    var worker: String

    @Flag(help: "Let it keep what it has, and take new ones again.")
    var undo = false

    func run(_ session: Session) async throws {
        let administration = try session.administration()
        let id = try await administration.worker(worker)
        let answer = try await administration.post("workers/\(id)/drain", ["draining": .bool(!undo)])
        if session.wantsJSON { session.show(answer, "") }
        session.say(undo ? "\(worker) is no longer drained." : "\(worker) is drained. See: ik worker show \(worker)")
    }
}
