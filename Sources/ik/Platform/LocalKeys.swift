import Console
import InferenceKeyWire
import Manager

/// The credentials of the roles in one process, kept in the data folder.
struct LocalKeys: Sendable {
    let operatorKey: Credential
    let gateway: Credential
    let worker: Credential
    /// Whether the operator key was made just now.
    let isFirstStart: Bool

    init(_ installation: Installation) throws(CommandFailure) {
        (operatorKey, isFirstStart) = try installation.ensure(.operatorKey, in: installation.operatorKey)
        gateway = try installation.ensure(.gateway, in: installation.gatewayCredential).credential
        worker = try installation.ensure(.worker, in: installation.workerCredential).credential
    }

    /// Makes the Manager know them.
    func introduce(to manager: ManagerService, withWorker: Bool) async throws {
        let start = manager.firstStart
        _ = try await start.ensureTenant()
        try await start.ensureOperator(operatorKey)
        try await start.ensureGateway(gateway)
        if withWorker { _ = try await start.ensureWorker(worker) }
    }
}
