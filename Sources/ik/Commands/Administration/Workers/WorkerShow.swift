import ArgumentParser
import Console
import InferenceKeyWire

struct WorkerShow: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", "Shows one worker: its devices, engines and replicas.",
        examples: ["ik worker show gpu-1"])

    @OptionGroup var server: ServerOptions

    @Argument(help: "The worker's name or id, or the beginning of its id.")
    var worker: String

    func run(_ session: Session) async throws {
        let administration = try session.administration()
        let worker = try await administration.get("workers/\(try await administration.worker(worker))")
        session.show(worker, Self.text(worker))
    }

    private static func text(_ worker: JSONValue) -> String {
        var lines = ["\(worker.text("name"))  \(worker.text("id"))  \(worker.text("status"))"]
        lines.append(
            "  \(worker.text("hostname")), \(worker.text("operating_system")), agent \(worker.text("agent_version")), "
                + "last heard \(worker.ago("last_heard_at"))")
        lines.append(
            "  \(worker.text("cpu_count")) CPUs, \(worker.bytes("memory_bytes")) memory, "
                + "\(worker.bytes("disk_free_bytes")) disk free")
        var devices = Table("DEVICE", "KIND", "NAME", "MEMORY", "FREE", "CORDONED", "REPLICAS")
        for device in worker["devices"]?.arrayValue ?? [] {
            devices.add(
                device.text("id"), device.text("kind"), device.text("name"), device.bytes("memory_bytes"),
                device.bytes("memory_free_bytes"), device.text("cordoned"), device.text("replicas"))
        }
        var engines = Table("ENGINE", "VERSION", "PATH")
        for engine in worker["engines"]?.arrayValue ?? [] {
            engines.add(engine.text("backend"), engine.text("version"), engine.text("path"))
        }
        var replicas = Table("REPLICA", "WORKLOAD", "STATE")
        for replica in worker["replicas"]?.arrayValue ?? [] {
            replicas.add(
                replica.text("id"), "\(replica.text("project_slug"))/\(replica.text("workload_slug"))",
                replica.text("state"))
        }
        for table in [devices, engines, replicas] where !table.isEmpty { lines += ["", table.text()] }
        return lines.joined(separator: "\n")
    }
}

extension Administration {
    /// The id of the worker with that name, or with an id that begins so.
    func worker(_ text: String) async throws -> String {
        let workers = try await list("workers")
        if let named = workers.first(where: { $0.text("name") == text }) { return named.text("id") }
        return try ShortID.resolve(text, in: workers.map { $0.text("id") }, noun: "worker")
    }
}
