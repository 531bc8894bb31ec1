package import Fleet
package import InferenceKeyWire

/// The fleet as one decision sees it and changes it. Nothing of it is visible to others before it is durable.
package struct FleetDraft: Sendable {
    package private(set) var state: FleetState
    /// What this decision has changed so far.
    package private(set) var changes: [FleetChange] = []
    /// The redacted credential that acts, or `system`.
    package private(set) var actor = FleetDraft.system
    package let ids: IDSource

    package static let system = "system"

    init(_ state: FleetState, ids: IDSource) {
        self.state = state
        self.ids = ids
    }

    package var now: Timestamp { ids.now() }

    package mutating func apply(_ change: FleetChange) {
        state.apply(change)
        changes.append(change)
    }

    /// Adds a line to the audit log, in the transaction of the change it tells of.
    package mutating func audit(_ action: String, _ subject: String, _ detail: JSONValue = .null) {
        apply(
            .addAudit(
                AuditEntry(
                    id: "au_\(ids.ulid())", at: now, actor: actor, action: action, subject: subject, detail: detail)))
    }

    /// Starts the next decision.
    mutating func begin(as actor: String) {
        self.actor = actor
        changes = []
    }

    /// Forgets everything since `state`, on top of which only `accepted` had happened.
    mutating func reset(to state: FleetState, accepted: [[FleetChange]]) {
        self.state = state
        changes = []
        for change in accepted.joined() { self.state.apply(change) }
    }
}
