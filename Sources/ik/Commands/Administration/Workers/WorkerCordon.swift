import ArgumentParser
import InferenceKeyWire

struct WorkerCordon: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "cordon", "Keeps new replicas away from a worker, or from one of its devices.",
        examples: [
            "ik worker cordon gpu-1", "ik worker cordon gpu-1 --device GPU-5c8c…", "ik worker cordon gpu-1 --undo",
        ])

    @OptionGroup var server: ServerOptions

    @Argument(help: "The worker's name or id, or the beginning of its id.")
    var worker: String

    @Option(help: "Only this device of it.")
    var device: String?

    @Flag(help: "Let new replicas come again.")
    var undo = false

    func run(_ session: Session) async throws {
        let administration = try session.administration()
        var body: JSONObject = ["cordoned": .bool(!undo)]
        body["device"] = device.map { .string($0) }
        let answer = try await administration.post("workers/\(try await administration.worker(worker))/cordon", body)
        let what = device.map { "the device \($0) of \(worker)" } ?? "the worker \(worker)"
        if session.wantsJSON { session.show(answer, "") }
        session.say(undo ? "New replicas may come to \(what) again." : "No new replicas come to \(what).")
    }
}
