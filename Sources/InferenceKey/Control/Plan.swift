/// What would change: one action and a list of field changes.
public struct Plan: Sendable, Hashable {
    public enum Action: String, Sendable, Hashable, CaseIterable {
        case create, update, none
    }

    public var action: Action
    /// Empty unless the action is `update`.
    public var changes: [FieldChange]

    public init(action: Action, changes: [FieldChange] = []) {
        self.action = action
        self.changes = changes
    }

    /// Whether there is anything to do.
    public var hasChanges: Bool { action != .none }

    public var json: JSONValue {
        ["action": .string(action.rawValue), "changes": .array(changes.map(\.json))]
    }
}

/// One declared field whose live value differs.
public struct FieldChange: Sendable, Hashable {
    /// The wire name, such as `model_name`.
    public var field: String
    public var from: JSONValue
    public var to: JSONValue
    /// How the change would be carried out.
    public var effect: ChangeEffect

    public init(field: String, from: JSONValue, to: JSONValue, effect: ChangeEffect) {
        self.field = field
        self.from = from
        self.to = to
        self.effect = effect
    }

    public var json: JSONValue {
        ["field": .string(field), "from": from, "to": to, "effect": .string(effect.rawValue)]
    }
}

/// A declared workload: where it is called, and what `ensure` found or did.
public struct EndpointRef: Sendable, Hashable {
    public var projectSlug: String
    public var workloadSlug: String
    public var plan: Plan

    public init(projectSlug: String, workloadSlug: String, plan: Plan) {
        self.projectSlug = projectSlug
        self.workloadSlug = workloadSlug
        self.plan = plan
    }

    public var json: JSONValue {
        ["project_slug": .string(projectSlug), "workload_slug": .string(workloadSlug), "plan": plan.json]
    }
}
