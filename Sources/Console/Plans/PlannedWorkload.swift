package import InferenceKeyWire

/// What would happen to one workload.
package struct PlannedWorkload: Sendable, Hashable {
    package enum Action: String, Sendable, Hashable {
        case create, update, delete, none
    }

    package struct Change: Sendable, Hashable {
        package var field: String
        package var from: JSONValue
        package var to: JSONValue
        package var effect: ChangeEffect?

        package init(field: String, from: JSONValue, to: JSONValue, effect: ChangeEffect? = nil) {
            self.field = field
            self.from = from
            self.to = to
            self.effect = effect
        }
    }

    package var project: String
    package var slug: String
    package var action: Action
    package var changes: [Change]

    package init(project: String, slug: String, action: Action, changes: [Change] = []) {
        self.project = project
        self.slug = slug
        self.action = action
        self.changes = changes
    }

    package var json: JSONValue {
        [
            "project": .string(project), "workload": .string(slug), "action": .string(action.rawValue),
            "changes": .array(changes.map(\.json)),
        ]
    }
}

extension PlannedWorkload.Change {
    package var json: JSONValue {
        [
            "field": .string(field), "from": from, "to": to,
            "effect": .optional(effect?.rawValue),
        ]
    }

    /// The change of an object told member by member, each under its path.
    package var leaves: [PlannedWorkload.Change] {
        let before = from.objectValue
        let after = to.objectValue
        guard before != nil || after != nil, before != nil || from.isNull, after != nil || to.isNull else {
            return from == to ? [] : [self]
        }
        var keys = before?.keys ?? []
        for key in after?.keys ?? [] where !keys.contains(key) { keys.append(key) }
        return keys.flatMap { key in
            PlannedWorkload.Change(
                field: "\(field).\(key)", from: before?[key] ?? .null, to: after?[key] ?? .null, effect: effect
            ).leaves
        }
    }
}
