import Console
import Manager
import SQLiteStore

extension Stage {
    /// The Manager on the state of the data folder.
    ///
    /// - Parameter metrics: what the other roles of this process measure.
    func manager(
        on address: ListenAddress, metrics: @escaping @Sendable () async -> String = { "" }
    ) async throws -> ManagerService {
        let secret = try installation.ensureSecret()
        var configuration = ManagerConfiguration(
            host: address.host, port: address.port, installationSecret: secret,
            packagesPath: installation.packagesFolder.path, version: Product.version, extraMetrics: metrics)
        configuration.timings.drainSeconds = try drainSeconds()
        do {
            let store = try SQLiteStore(path: installation.database)
            return try await ManagerService(configuration, store: store, logger: logger("manager"))
        } catch let problem as StoreProblem {
            throw CommandFailure(
                .failed, "the platform's state cannot be used", why: "\(problem)",
                next: "mend that, or give --data another folder")
        }
    }
}
