import Fleet
import FleetTesting
import Foundation
import InferenceKeyWire
import Logging
import Manager
import ServiceLifecycle
import Transport

/// A Manager that runs on a loopback port of the system's choice, with the credentials of everybody.
struct ManagerHouse: Sendable {
    let service: ManagerService
    let base: BaseURL
    let client: HTTPClient
    let store: any FleetStore
    let ids: IDSource
    let operatorKey: Credential
    let gateway: Credential
    let worker: Credential
    let workerID: WorkerID
    let packages: URL

    /// Starts one, gives it to `body`, and stops it.
    static func open(
        timings: ManagerTimings = .quick, store: any FleetStore = MemoryStore(), ids: IDSource = .system,
        packages given: URL? = nil, maxPackageBytes: Int = 4 << 20,
        _ body: @Sendable (ManagerHouse) async throws -> Void
    ) async throws {
        let packages =
            given ?? FileManager.default.temporaryDirectory.appendingPathComponent("ik-packages-\(UUID().uuidString)")
        defer { if given == nil { try? FileManager.default.removeItem(at: packages) } }
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        var configuration = ManagerConfiguration(
            installationSecret: InstallationSecret(bytes: Array(repeating: 7, count: 32)), packagesPath: packages.path,
            version: "test", timings: timings)
        configuration.maxPackageBytes = maxPackageBytes
        let service = try await ManagerService(configuration, store: store, ids: ids, logger: logger)
        let credentials = [CredentialKind.operatorKey, .gateway, .worker].map { ids.credential($0) }
        _ = try await service.firstStart.ensureTenant()
        try await service.firstStart.ensureOperator(credentials[0])
        try await service.firstStart.ensureGateway(credentials[1])
        let workerID = try await service.firstStart.ensureWorker(credentials[2])
        let group = ServiceGroup(services: [service], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let port = try await service.port()
            guard let base = BaseURL("http://127.0.0.1:\(port)") else { throw HouseError("no address") }
            let house = ManagerHouse(
                service: service, base: base, client: HTTPClient(), store: store, ids: ids,
                operatorKey: credentials[0], gateway: credentials[1], worker: credentials[2], workerID: workerID,
                packages: packages)
            let result: Result<Void, any Error>
            do {
                result = .success(try await body(house))
            } catch {
                result = .failure(error)
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            await house.client.shutdown()
            try result.get()
        }
    }
}

struct HouseError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

extension ManagerTimings {
    /// Short enough to see every rhythm in a test.
    static var quick: ManagerTimings {
        var timings = ManagerTimings()
        timings.tick = .milliseconds(20)
        timings.keepAlive = .milliseconds(150)
        timings.gatewayLostAfter = .milliseconds(400)
        timings.logWait = .milliseconds(500)
        return timings
    }

    /// The same, but a Gateway stays live and a log is waited for however slow the machine is.
    static var patient: ManagerTimings {
        var timings = quick
        timings.gatewayLostAfter = .seconds(60)
        timings.logWait = .seconds(60)
        return timings
    }
}
