import Fleet
import InferenceKeyWire

/// Replaces a credential by a new one, and ends a credential.
enum Rotation {
    /// Thirty days, seconds: a longer overlap is a slip.
    static let maxOverlapSeconds = 2_592_000

    /// The replacement has the same rights and, from now on, the same life; the old one stays valid for the overlap, then
    /// ends.
    static func rotate(
        _ id: String, _ kind: CredentialKind, to credential: Credential, overlapSeconds: Int, in draft: inout FleetDraft
    ) throws(ServiceError) -> (new: CredentialRecord, old: CredentialRecord) {
        var old = try find(id, kind, draft)
        let now = draft.now
        guard old.isValid(at: now) else {
            throw ServiceError(
                .conflict, "\(kind.title) \(id) is \(old.status(at: now)) and cannot be rotated; make a new one")
        }
        var new = old
        new.id = credential.id
        new.hash = SecretHash(of: credential)
        new.createdAt = now
        if let end = old.expiresAt {
            let life = max(1000, end.milliseconds(since: old.createdAt))
            new.expiresAt = Timestamp(milliseconds: now.milliseconds + life)
        }
        if overlapSeconds == 0 {
            old.revokedAt = now
        } else {
            let end = now.adding(seconds: overlapSeconds)
            old.expiresAt = min(end, old.expiresAt ?? end)
        }
        draft.apply(.putCredential(new))
        draft.apply(.putCredential(old))
        draft.audit("credential.rotate", id, ["replaced_by": .string(new.id), "overlap_seconds": .int(overlapSeconds)])
        return (new, old)
    }

    /// In force at once; the record stays for the list.
    static func revoke(_ id: String, _ kind: CredentialKind, in draft: inout FleetDraft) throws(ServiceError) {
        var record = try find(id, kind, draft)
        guard record.revokedAt == nil else { return }
        record.revokedAt = draft.now
        draft.apply(.putCredential(record))
        draft.audit("credential.revoke", id, ["kind": .string(kind.rawValue)])
    }

    private static func find(
        _ id: String, _ kind: CredentialKind, _ draft: FleetDraft
    ) throws(ServiceError) -> CredentialRecord {
        guard let record = draft.state.credentials[id], record.kind == kind else {
            throw ServiceError(.notFound, "there is no credential \(kind.prefix)\(id)…")
        }
        return record
    }
}
