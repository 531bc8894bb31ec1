package import InferenceKeyWire

/// One field's change, as plans and history show it.
package struct FieldChange: Sendable, Hashable {
    package var field: String
    package var from: JSONValue
    package var to: JSONValue

    package init(field: String, from: JSONValue, to: JSONValue) {
        self.field = field
        self.from = from
        self.to = to
    }

    package var json: JSONValue { ["field": .string(field), "from": from, "to": to] }
}

/// One accepted change of a workload's spec.
package struct RevisionRecord: Sendable, Hashable {
    package var workloadID: WorkloadID
    package var revision: Int
    package var at: Timestamp
    /// The redacted credential that asked for it.
    package var by: String
    package var changes: [FieldChange]

    package init(workloadID: WorkloadID, revision: Int, at: Timestamp, by: String, changes: [FieldChange]) {
        self.workloadID = workloadID
        self.revision = revision
        self.at = at
        self.by = by
        self.changes = changes
    }

    package var json: JSONValue {
        [
            "revision": .int(revision), "at": .string(at.description), "by": .string(by),
            "changes": .array(changes.map(\.json)),
        ]
    }
}

/// One line of the audit log; written in the transaction of the change it tells of.
package struct AuditEntry: Sendable, Hashable {
    package var id: String
    package var at: Timestamp
    /// The redacted credential that acted, or `system`.
    package var actor: String
    /// `noun.verb`, such as `workload.create`.
    package var action: String
    /// The id of what was acted on.
    package var subject: String
    package var detail: JSONValue

    package init(id: String, at: Timestamp, actor: String, action: String, subject: String, detail: JSONValue) {
        self.id = id
        self.at = at
        self.actor = actor
        self.action = action
        self.subject = subject
        self.detail = detail
    }

    package var json: JSONValue {
        [
            "id": .string(id), "at": .string(at.description), "actor": .string(actor), "action": .string(action),
            "subject": .string(subject), "detail": detail,
        ]
    }
}

/// What one key used of one workload on one day (UTC), or since a Gateway's last report: of the requests whose tokens
/// the engine told, or of those whose tokens were estimated.
package struct UsageRecord: Sendable, Hashable {
    /// `2026-11-24`
    package var day: String
    package var projectID: ProjectID
    package var workloadSlug: String
    package var keyID: String
    /// Whether the tokens were counted by events, or not known to the end, and not said by the engine.
    package var isEstimated: Bool
    package var requests: Int
    package var failedRequests: Int
    package var tokensIn: Int
    package var tokensOut: Int
    /// Time that requests were open, added up.
    package var milliseconds: Int64

    package init(
        day: String, projectID: ProjectID, workloadSlug: String, keyID: String, isEstimated: Bool = false,
        requests: Int = 0, failedRequests: Int = 0, tokensIn: Int = 0, tokensOut: Int = 0, milliseconds: Int64 = 0
    ) {
        self.day = day
        self.projectID = projectID
        self.workloadSlug = workloadSlug
        self.keyID = keyID
        self.isEstimated = isEstimated
        self.requests = requests
        self.failedRequests = failedRequests
        self.tokensIn = tokensIn
        self.tokensOut = tokensOut
        self.milliseconds = milliseconds
    }
}

extension UsageRecord {
    /// Adds what `other` counts to what this one does.
    package mutating func add(_ other: UsageRecord) {
        requests += other.requests
        failedRequests += other.failedRequests
        tokensIn += other.tokensIn
        tokensOut += other.tokensOut
        milliseconds += other.milliseconds
    }

    package init(json: JSONValue) throws(FieldErrors) {
        var fields = JSONFields(json)
        self.init(
            day: fields.string("day", required: true) ?? "",
            projectID: ID(fields.string("project_id", required: true) ?? ""),
            workloadSlug: fields.string("workload_slug", required: true) ?? "",
            keyID: fields.string("key_id", required: true) ?? "", isEstimated: fields.bool("estimated") ?? false,
            requests: fields.count("requests"), failedRequests: fields.count("failed_requests"),
            tokensIn: fields.count("tokens_in"), tokensOut: fields.count("tokens_out"),
            milliseconds: Int64(fields.count("milliseconds")))
        try fields.finish(allowingUnknown: true)
    }

    package var json: JSONValue {
        [
            "day": .string(day), "project_id": projectID.json, "workload_slug": .string(workloadSlug),
            "key_id": .string(keyID), "estimated": .bool(isEstimated), "requests": .int(requests),
            "failed_requests": .int(failedRequests), "tokens_in": .int(tokensIn), "tokens_out": .int(tokensOut),
            "milliseconds": .int(milliseconds),
        ]
    }
}

extension JSONFields {
    /// A count of one report. Engines say what they like: what none can have used is cut, so that sums stay numbers.
    fileprivate mutating func count(_ key: String) -> Int { min(max(int(key) ?? 0, 0), 1 << 40) }
}
