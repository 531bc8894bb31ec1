package import InferenceKeyWire
package import Transport

/// How one Gateway is run.
package struct GatewayConfiguration: Sendable {
    /// Where it dials the Manager, and as whom.
    package struct ManagerLink: Sendable {
        package var base: BaseURL
        /// Of the kind `ik_gtw`.
        package var credential: Credential

        package init(base: BaseURL, credential: Credential) {
            self.base = base
            self.credential = credential
        }
    }

    package var host = "127.0.0.1"
    /// 0 lets the system choose; see ``GatewayService/boundPort()``.
    package var port = 0
    /// Serves with TLS by these files, which may be replaced while it runs; nil serves plain `http`.
    package var certificate: CertificateFiles?
    /// Event loops, each with a listener of its own.
    package var loopCount = Self.defaultLoopCount
    /// Gets everything that is not below `/endpoint/`, byte for byte; nil when this Gateway stands alone.
    package var controlUpstream: Address?
    /// Nil in tests that hand the tables over themselves.
    package var manager: ManagerLink?
    /// The file that mirrors the tables; nil keeps them in memory alone.
    package var mirrorPath: String?
    /// The folder of the usage ledger; nil keeps it in memory alone.
    package var usagePath: String?
    package var limits = GatewayLimits()
    /// What is logged and traced of single requests: nothing by default.
    package var telemetry = TelemetryConfiguration()

    package init() {}

    package static let maxDefaultLoops = 4

    /// One for each core this process may run on, at most ``maxDefaultLoops``.
    package static var defaultLoopCount: Int { min(maxDefaultLoops, UsableCores.count) }
}
