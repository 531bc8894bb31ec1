import Fleet
import InferenceKeyWire

/// The decision about a published package, as the ledger carries it out.
enum Publication {
    /// Adds the version, or finds that it is there already with the same package. True when it was added.
    static func accept(
        _ candidate: CustomBackendRecord, in draft: inout FleetDraft
    ) throws(ServiceError) -> (backend: CustomBackendRecord, isNew: Bool) {
        guard draft.state.tenants[candidate.tenantID] != nil else {
            throw ServiceError(.notFound, "the tenant was deleted")
        }
        let existing = draft.state.customBackends(of: candidate.tenantID).first {
            $0.slug == candidate.slug && $0.version == candidate.version
        }
        if let existing {
            let differing = differences(existing, candidate)
            guard differing.isEmpty else {
                throw ServiceError(
                    .conflict,
                    "\(existing.slug) \(existing.version) was published with another \(differing.joined(separator: ", "));"
                        + " a version never changes: publish this one under another version")
            }
            return (existing, false)
        }
        var record = candidate
        record.id = draft.ids.id()
        record.createdAt = draft.now
        draft.apply(.putCustomBackend(record))
        draft.audit(
            "custom_backend.publish", record.id.text,
            [
                "slug": .string(record.slug), "version": .string(record.version),
                "sha256": .string(record.package.hex), "size_bytes": .int(record.sizeBytes),
            ])
        return (record, true)
    }

    private static func differences(_ old: CustomBackendRecord, _ new: CustomBackendRecord) -> [String] {
        var names: [String] = []
        if old.package != new.package { names.append("package") }
        if old.name != new.name { names.append("name") }
        if old.taskType != new.taskType { names.append("task_type") }
        if old.entrypoint != new.entrypoint { names.append("entrypoint") }
        return names
    }
}
