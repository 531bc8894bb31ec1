import Fleet
import InferenceKeyWire

/// The decisions about workloads, as the ledger carries them out.
enum Declaration {
    /// Makes the workload, or finds that it is there already with the same spec. True when it was made.
    static func create(
        _ candidate: WorkloadRecord, in draft: inout FleetDraft
    ) throws(ServiceError) -> (record: WorkloadRecord, isNew: Bool) {
        guard draft.state.projects[candidate.projectID] != nil else {
            throw ServiceError(.notFound, "the project was deleted")
        }
        if let existing = draft.state.workload(slug: candidate.slug, in: candidate.projectID) {
            return (try same(existing, candidate), false)
        }
        var record = candidate
        record.id = draft.ids.id()
        record.createdAt = draft.now
        record.updatedAt = record.createdAt
        draft.apply(.putWorkload(record))
        draft.apply(.addRevision(revision(of: record, record.firstChanges, draft)))
        draft.audit("workload.create", record.id.text, ["slug": .string(record.slug)])
        return (record, true)
    }

    private static func same(
        _ existing: WorkloadRecord, _ candidate: WorkloadRecord
    ) throws(ServiceError) -> WorkloadRecord {
        guard existing.deletingSince == nil else {
            throw ServiceError(
                .conflict, "the workload \(existing.slug) is still being deleted; try again when its replicas are gone",
                retryAfterMilliseconds: 1000)
        }
        let differing = candidate.changes(since: existing).map(\.field)
        guard differing.isEmpty else {
            throw ServiceError(
                .conflict,
                "the workload \(existing.slug) exists with another \(differing.joined(separator: ", ")); "
                    + "change it with PATCH /api/workloads/\(existing.id)")
        }
        return existing
    }

    /// Changes the given fields. A patch that changes nothing makes no revision.
    static func patch(
        _ id: WorkloadID, _ fields: WorkloadFields, ifMatch: Int?, in draft: inout FleetDraft
    ) throws -> WorkloadRecord {
        let old = try live(id, draft)
        if let ifMatch, ifMatch != old.revision {
            throw ServiceError(
                .revisionMismatch, "the workload is at revision \(old.revision), not \(ifMatch); read it again")
        }
        let tenant = draft.state.projects[old.projectID]?.tenantID
        let published = tenant.map { draft.state.customBackendSlugs(of: $0) } ?? []
        var record = try old.changed(by: fields, published: published)
        let changes = record.changes(since: old)
        guard !changes.isEmpty else { return old }
        record.revision = old.revision + 1
        record.updatedAt = max(draft.now, old.updatedAt)
        if WorkloadRecord.reachEngine(changes) { record.engineRevision = record.revision }
        draft.apply(.putWorkload(record))
        draft.apply(.addRevision(revision(of: record, changes, draft)))
        draft.audit(
            "workload.update", id.text,
            ["revision": .int(record.revision), "fields": .array(changes.map { .string($0.field) })])
        return record
    }

    /// Marks it; the reconciler drains and stops its replicas and then removes it. Deleting twice is deleting once.
    static func delete(_ id: WorkloadID, in draft: inout FleetDraft) {
        guard var record = draft.state.workloads[id], record.deletingSince == nil else { return }
        record.deletingSince = draft.now
        draft.apply(.putWorkload(record))
        draft.audit("workload.delete", id.text, ["slug": .string(record.slug)])
    }

    private static func live(_ id: WorkloadID, _ draft: FleetDraft) throws(ServiceError) -> WorkloadRecord {
        guard let record = draft.state.workloads[id] else {
            throw ServiceError(.workloadNotFound, "the workload \(id) was deleted")
        }
        guard record.deletingSince == nil else {
            throw ServiceError(.conflict, "the workload \(record.slug) is being deleted and cannot change any more")
        }
        return record
    }

    private static func revision(
        of record: WorkloadRecord, _ changes: [FieldChange], _ draft: FleetDraft
    ) -> RevisionRecord {
        RevisionRecord(
            workloadID: record.id, revision: record.revision, at: record.updatedAt, by: draft.actor, changes: changes)
    }
}
