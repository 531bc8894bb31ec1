/// What a credential opens; its wire prefix is the raw value.
public enum CredentialKind: String, Sendable, Hashable, CaseIterable {
    /// Provisions in one project.
    case control = "ik_sdk"
    /// Calls the endpoints it was granted.
    case data = "ik_live"
    /// Runs the installation.
    case operatorKey = "ik_admin"
    /// What a worker's agent holds after joining.
    case worker = "ik_wrk"
    /// What a Gateway holds after joining.
    case gateway = "ik_gtw"
    /// Lets one machine join.
    case join = "ik_join"

    package var prefix: String { rawValue + "_" }
}
