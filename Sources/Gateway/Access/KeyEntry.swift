import Fleet
import InferenceKeyWire

/// A data key as one loop checks it.
final class KeyEntry: Sendable {
    let id: String
    let number: UInt32
    let hash: SecretHash
    /// Tenants and projects are numbered within one version of the tables.
    let tenant: Int
    let expiresAt: Timestamp?
    let limits: KeyLimits
    /// Nil when the key has no limits.
    let meter: KeyMeter?
    /// The id and, if it is known, the slug of the key's project.
    private let projectNames: [[UInt8]]
    private let opensAll: Bool
    private let workloads: [[UInt8]]

    init(_ key: DataKey, number: UInt32, tenant: Int, projectSlug: String?, meter: KeyMeter?) {
        id = key.id
        self.number = number
        hash = key.hash
        self.tenant = tenant
        expiresAt = key.expiresAt
        limits = key.limits
        self.meter = meter
        projectNames = [key.projectID.text, projectSlug ?? ""].filter { !$0.isEmpty }.map { Array($0.utf8) }
        opensAll = key.grants.contains(.allWorkloads)
        workloads = key.grants.compactMap {
            if case .workload(let slug) = $0 { Array(slug.utf8) } else { nil }
        }
    }

    /// Whether the key was granted this endpoint, be there one or not.
    func opens(project: UnsafeRawBufferPointer, workload: UnsafeRawBufferPointer) -> Bool {
        guard projectNames.contains(where: { project.equals($0) }) else { return false }
        return opensAll || workloads.contains { workload.equals($0) }
    }

    func isExpired(at now: Timestamp) -> Bool {
        guard let expiresAt else { return false }
        return now >= expiresAt
    }
}
