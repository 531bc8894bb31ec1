/// Compares what a spec declares with a live workload. Pure: nothing is asked, nothing is changed.
package enum Drift {
    /// Fields that no engine process notices.
    package static let inPlace: Set<String> = [
        "name", "description", "execution_policy", "execution_policy_config",
    ]

    /// The declared fields whose live value differs, in the order of the wire. A field left unset is never among them.
    package static func changes(from live: Workload, to spec: WorkloadSpec) -> [FieldChange] {
        let declared = spec.fields.json
        let current = live.json
        return (declared.objectValue ?? [:]).compactMap { field, wanted in
            guard field != "slug" else { return nil }
            let value = current[field] ?? .null
            guard !isSame(value, wanted) else { return nil }
            let isNoticed =
                field == "config" ? GatewayConfig.differsForEngine(value, wanted) : !inPlace.contains(field)
            let effect = isNoticed ? live.replacement : ChangeEffect.inPlace
            return FieldChange(field: field, from: value, to: wanted, effect: effect)
        }
    }

    /// What `ensure` would do; nil stands for a workload that is not there.
    package static func plan(from live: Workload?, to spec: WorkloadSpec) -> Plan {
        guard let live else { return Plan(action: .create) }
        let changes = changes(from: live, to: spec)
        return changes.isEmpty ? Plan(action: .none) : Plan(action: .update, changes: changes)
    }

    /// The patch that carries the changes out: exactly the differing fields, and beside a changed `execution_policy`
    /// its declared `execution_policy_config`.
    package static func patch(for changes: [FieldChange], of spec: WorkloadSpec) -> JSONValue {
        var body = JSONObject(changes.map { ($0.field, $0.to) })
        if body["execution_policy"] != nil, let config = spec.executionPolicyConfig {
            body["execution_policy_config"] = .object(config)
        }
        return .object(body)
    }

    /// An empty object and none at all declare the same.
    private static func isSame(_ live: JSONValue, _ wanted: JSONValue) -> Bool {
        live == wanted || live.isNull && wanted.objectValue?.isEmpty == true
    }
}
