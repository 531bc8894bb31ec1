import ArgumentParser
import Console
import InferenceKeyWire

struct Explain: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", "Tells why a workload runs where it runs, or why it does not.",
        examples: ["ik explain support-bot --project acme"])

    @OptionGroup var server: ServerOptions
    @OptionGroup var target: WorkloadArgument

    func run(_ session: Session) async throws {
        let explanation = try await session.detail("explain", of: target)
        session.show(explanation, Self.text(explanation, named: target.workload, session.terminal))
    }

    private static func text(_ explanation: JSONValue, named name: String, _ terminal: Terminal) -> String {
        let cause = explanation.text("cause")
        var lines = [
            "\(name) is \(explanation.text("status")): \(explanation.text("summary"))"
                + (cause.isEmpty ? "" : " [\(cause)]"),
            "  needs \(needs(explanation["needs"] ?? .null)), \(explanation.text("ready")) of "
                + "\(explanation.text("desired")) ready",
        ]
        for replica in explanation["replicas"]?.arrayValue ?? [] {
            let reason = replica.text("reason")
            lines.append(
                "  replica \(replica.text("id")) is \(replica.text("state")) on \(replica.text("worker_id"))"
                    + (reason.isEmpty ? "" : ": \(reason)"))
        }
        let workers = explanation["workers"]?.arrayValue ?? []
        if workers.isEmpty { lines.append("  there is no worker. Next: ik worker join-token") }
        for worker in workers { lines += self.lines(worker, terminal.output) }
        return lines.joined(separator: "\n")
    }

    private static func lines(_ worker: JSONValue, _ style: Style) -> [String] {
        let fits = worker["fits"]?.boolValue == true
        let head = fits ? "\(style.green("✓")) fits" : "\(style.red("✗")) \(worker.text("refused"))"
        let devices = (worker["devices"]?.arrayValue ?? []).map { device in
            let refused = device.text("refused")
            return "      \(device.text("kind")) \(device.text("id")) \(device.text("name")) "
                + "(\(device.bytes("memory_bytes"))): \(refused.isEmpty ? "free for it" : refused)"
        }
        return ["  worker \(worker.text("name")): \(head)"] + devices
    }

    private static func needs(_ needs: JSONValue) -> String {
        let gpus = needs["gpus"]?.intValue ?? 0
        if gpus == 0 || needs["cpu"]?.boolValue == true { return "the CPU" }
        let share = Int((max(0, min(1, needs["gpu_memory_share"]?.doubleValue ?? 1)) * 100).rounded())
        return (share < 100 ? "\(share)% of the memory of " : "") + "\(gpus) GPU\(gpus == 1 ? "" : "s"), "
            + "or the CPU of a worker without GPUs"
    }
}
