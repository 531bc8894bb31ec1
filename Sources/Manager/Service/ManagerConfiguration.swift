package import Fleet

/// What a Manager is told at its start.
package struct ManagerConfiguration: Sendable {
    package var host: String
    /// 0 lets the system choose; ``ManagerService/port()`` tells.
    package var port: Int
    package var installationSecret: InstallationSecret
    /// The folder of the packages of custom backends; made when the first one is published.
    package var packagesPath: String
    /// A larger package is refused.
    package var maxPackageBytes = CustomBackendRecord.maxPackageBytes
    /// The platform's version, for `/metrics`.
    package var version: String
    package var timings: ManagerTimings
    /// Connections beyond these wait to be accepted.
    package var maxConnections = 8192
    /// Appended to `/metrics`: what the other roles in this process measure, as Prometheus text.
    package var extraMetrics: @Sendable () async -> String

    package init(
        host: String = "127.0.0.1", port: Int = 0, installationSecret: InstallationSecret, packagesPath: String,
        version: String, timings: ManagerTimings = ManagerTimings(),
        extraMetrics: @escaping @Sendable () async -> String = { "" }
    ) {
        self.host = host
        self.port = port
        self.installationSecret = installationSecret
        self.packagesPath = packagesPath
        self.version = version
        self.timings = timings
        self.extraMetrics = extraMetrics
    }
}
