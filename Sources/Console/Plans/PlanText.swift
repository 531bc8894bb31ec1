package import InferenceKeyWire

/// What `ik plan` shows: the changes of every workload, then one line that counts them.
package struct PlanText: Sendable {
    private let workloads: [PlannedWorkload]
    /// From and to stand on one line up to this many characters.
    private static let oneLine = 96

    package init(_ workloads: [PlannedWorkload]) { self.workloads = workloads }

    package var hasChanges: Bool { workloads.contains { $0.action != .none } }

    /// `Plan: 1 to create, 2 to change, 0 to delete.`
    package var summary: String {
        "Plan: \(count(.create)) to create, \(count(.update)) to change, \(count(.delete)) to delete."
    }

    /// Everything for a person; the last line is ``summary``.
    package func text(_ style: Style) -> String {
        let blocks = workloads.filter { $0.action != .none }.map { Self.block($0, style) }
        let unchanged = workloads.filter { $0.action == .none }.map { "\($0.project)/\($0.slug)" }
        var parts = blocks
        if !unchanged.isEmpty { parts.append(style.dim("No changes: " + unchanged.joined(separator: ", "))) }
        return (parts + [summary]).joined(separator: "\n\n")
    }

    /// The plan for programs. A reader refuses another major `format_version` and tolerates unknown members.
    package var json: JSONValue {
        [
            "format_version": "1.0", "has_changes": .bool(hasChanges),
            "workloads": .array(workloads.map(\.json)),
            "summary": [
                "create": .int(count(.create)), "change": .int(count(.update)), "delete": .int(count(.delete)),
            ],
        ]
    }

    private func count(_ action: PlannedWorkload.Action) -> Int { workloads.filter { $0.action == action }.count }

    private static func block(_ workload: PlannedWorkload, _ style: Style) -> String {
        let name = "\(workload.project)/\(workload.slug)"
        switch workload.action {
        case .create:
            let fields = workload.changes.flatMap(\.leaves).filter { !$0.to.isNull }
            return ([style.green("+ create \(name)")] + fields.map { "    \($0.field): \($0.to.text)" })
                .joined(separator: "\n")
        case .update:
            return ([style.yellow("~ change \(name)")] + workload.changes.flatMap(\.leaves).map { line($0, style) })
                .joined(separator: "\n")
        case .delete: return style.red("- delete \(name)")
        case .none: return "  \(name)"
        }
    }

    private static func line(_ change: PlannedWorkload.Change, _ style: Style) -> String {
        let from = change.from.isNull ? "(not set)" : change.from.text
        let to = change.to.isNull ? "(not set)" : change.to.text
        let effect = change.effect.map { style.dim("  [\(words($0))]") } ?? ""
        let short = "    \(change.field): \(from) → \(to)"
        return short.count <= oneLine
            ? short + effect : "    \(change.field):\(effect)\n        \(from)\n      → \(to)"
    }

    private static func words(_ effect: ChangeEffect) -> String {
        switch effect {
        case .inPlace: "in place: nothing restarts"
        case .rolling: "rolling: the new replica is ready before the old one stops"
        case .recreate: "recreate: no room for both, the old replica stops first"
        }
    }
}
