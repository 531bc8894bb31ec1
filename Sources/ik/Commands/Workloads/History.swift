import ArgumentParser
import Console
import InferenceKey
import InferenceKeyWire

struct History: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", "Shows who changed which fields of a workload, and when.",
        examples: ["ik history support-bot --project acme"])

    @OptionGroup var server: ServerOptions
    @OptionGroup var target: WorkloadArgument

    func run(_ session: Session) async throws {
        let revisions = try await session.detail("revisions", of: target).arrayValue ?? []
        session.show(revisions, none: "It has no history.") {
            var table = Table("REVISION", "WHEN", "WHO", "CHANGES")
            for revision in revisions.reversed() {
                table.add(revision.text("revision"), revision.ago("at"), revision.text("by"), Self.changes(revision))
            }
            return table
        }
    }

    private static func changes(_ revision: JSONValue) -> String {
        let changes = (revision["changes"]?.arrayValue ?? []).flatMap { change in
            PlannedWorkload.Change(
                field: change.text("field"), from: change["from"] ?? .null, to: change["to"] ?? .null
            ).leaves
        }
        return changes.map { "\($0.field): \($0.from.isNull ? "" : $0.from.text + " → ")\($0.to.text)" }
            .joined(separator: "; ")
    }
}
