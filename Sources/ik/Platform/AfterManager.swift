import Manager
import ServiceLifecycle
import Transport

/// A service that is made once the Manager of this process listens.
struct AfterManager: Service {
    let manager: ManagerService
    let make: @Sendable (BaseURL) async throws -> any Service

    func run() async throws {
        let port = try await manager.port()
        guard let url = BaseURL("http://127.0.0.1:\(port)") else { return }
        try await make(url).run()
    }
}
