import ArgumentParser
import Console
import InferenceKeyWire

struct WorkerList: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", "Lists the workers.", examples: ["ik worker list", "ik worker list --json"])

    @OptionGroup var server: ServerOptions

    func run(_ session: Session) async throws {
        let workers = try await session.administration().list("workers")
        session.show(workers, none: "There is no worker. Next: ik worker join-token") {
            var table = Table("ID", "NAME", "STATUS", "DEVICES", "ENGINES", "REPLICAS", "LAST HEARD")
            for (worker, id) in zip(workers, workers.shortIDs()) {
                table.add(
                    id, worker.text("name"), worker.workerStatus, worker.deviceNames, worker.engineNames,
                    String(worker["replicas"]?.arrayValue?.count ?? 0), worker.ago("last_heard_at"))
            }
            return table
        }
    }
}

extension JSONValue {
    /// `live`, and what keeps new replicas away.
    fileprivate var workerStatus: String {
        let marks = [("cordoned", "cordoned"), ("draining", "draining")]
        return ([text("status")] + marks.compactMap { self[$0.0]?.boolValue == true ? $0.1 : nil })
            .joined(separator: ",")
    }

    fileprivate var deviceNames: String {
        let kinds = (self["devices"]?.arrayValue ?? []).map { $0.text("kind") }
        let gpus = kinds.count { $0 != "cpu" }
        return gpus > 0 ? "\(gpus) GPU" + (gpus > 1 ? "s" : "") : kinds.first ?? ""
    }

    fileprivate var engineNames: String {
        (self["engines"]?.arrayValue ?? []).map { engine in
            engine.text("version").isEmpty
                ? engine.text("backend") : "\(engine.text("backend")) \(engine.text("version"))"
        }.joined(separator: ", ")
    }
}
