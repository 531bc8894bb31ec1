import ArgumentParser
import Console
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

    @Option(help: "Only this device of it, by its id or the beginning of it ('ik worker show' lists them).")
    var device: String?

    @Flag(help: "Let new replicas come again.")
    var undo = false

    func run(_ session: Session) async throws {
        let administration = try session.administration()
        let id = try await administration.worker(worker)
        let device = try await wholeDevice(of: id, with: administration)
        var body: JSONObject = ["cordoned": .bool(!undo)]
        body["device"] = device.map { .string($0) }
        let answer = try await administration.post("workers/\(id)/cordon", body)
        let what = device.map { "the device \($0) of \(worker)" } ?? "the worker \(worker)"
        if session.wantsJSON { session.show(answer, "") }
        session.say(undo ? "New replicas may come to \(what) again." : "No new replicas come to \(what).")
    }

    /// The whole id of the device that was named; a worker that was not heard of yet has none to compare with.
    private func wholeDevice(of id: String, with administration: Administration) async throws -> String? {
        guard let device else { return nil }
        let worker = try await administration.get("workers/\(id)")
        var known = (worker["devices"]?.arrayValue ?? []).map { $0.text("id") }
        // A device that is gone may still be cordoned.
        for cordoned in (worker["cordoned_devices"]?.arrayValue ?? []).compactMap(\.stringValue)
        where undo && !known.contains(cordoned) { known.append(cordoned) }
        if known.isEmpty { return device }
        do {
            return try ShortID.resolve(device, in: known, noun: "device")
        } catch {
            var failure = error
            failure.why = failure.why ?? "\(self.worker) has \(known.joined(separator: ", "))"
            throw failure
        }
    }
}
