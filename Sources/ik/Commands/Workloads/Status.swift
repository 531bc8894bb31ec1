import ArgumentParser
import Console
import InferenceKeyWire

struct Status: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", "Shows the replicas of a workload, each with the reason for its state.",
        examples: ["ik status support-bot --project acme"])

    @OptionGroup var server: ServerOptions
    @OptionGroup var target: WorkloadArgument

    func run(_ session: Session) async throws {
        let status = try await session.detail("status", of: target)
        session.show(status, Self.text(status, session.terminal))
    }

    private static func text(_ status: JSONValue, _ terminal: Terminal) -> String {
        var lines = [
            "\(terminal.output.bold(status.text("slug")))  \(paint(status.text("status"), terminal.output))  "
                + "\(status.text("ready")) of \(status.text("desired")) ready  revision \(status.text("revision"))"
        ]
        let reason = status.text("status_reason").isEmpty ? status.text("message") : status.text("status_reason")
        if !reason.isEmpty { lines.append("  \(reason)") }
        let replicas = status["replicas"]?.arrayValue ?? []
        var table = Table("REPLICA", "REVISION", "STATE", "SINCE", "WORKER", "DEVICES", "RESTARTS", "REASON")
        for (replica, id) in zip(replicas, replicas.shortIDs()) {
            table.add(
                id, replica.text("revision"), Self.state(replica), replica.ago("since"), replica.text("worker_name"),
                replica.text("device_ids"), replica.text("restarts"), Self.reason(replica))
        }
        if !table.isEmpty { lines += ["", table.text(width: terminal.outputWidth)] }
        for replica in replicas {
            let tail = (replica["log_tail"]?.arrayValue ?? []).compactMap(\.stringValue)
            if !tail.isEmpty { lines += ["", "Last lines of \(replica.text("id")):"] + tail.map { "  " + $0 } }
        }
        return lines.joined(separator: "\n")
    }

    private static func state(_ replica: JSONValue) -> String {
        let step = replica["progress"]?.text("step") ?? ""
        return step.isEmpty ? replica.text("state") : "\(replica.text("state"))/\(step)"
    }

    private static func reason(_ replica: JSONValue) -> String {
        [replica.text("cause"), replica.text("reason")].filter { !$0.isEmpty }.joined(separator: ": ")
    }

    private static func paint(_ status: String, _ style: Style) -> String {
        switch status {
        case "ready": style.green(status)
        case "failed", "degraded": style.red(status)
        default: style.yellow(status)
        }
    }
}
