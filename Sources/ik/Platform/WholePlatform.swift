import Console
import Fleet
import Gateway
import InferenceKeyWire
import Manager
import ServiceLifecycle
import Synchronization
import Transport
import Worker

/// Manager, Gateway and worker in one process: the Gateway owns the listener, the Manager and the engines are behind it
/// on loopback, and all three speak over the same links as apart.
final class WholePlatform: Sendable {
    private let stage: Stage
    private let address: ListenAddress
    private let certificate: CertificateFiles?
    private let telemetry: TelemetryConfiguration
    private let runsWorker: Bool
    /// Made once the Manager listens.
    private let gateway = Mutex<GatewayService?>(nil)

    init(_ stage: Stage) throws {
        self.stage = stage
        address = try stage.listenAddress()
        certificate = try stage.certificate()
        telemetry = try stage.telemetry()
        runsWorker = try !stage.settings.isOn(.noWorker)
    }

    /// Runs until it is told to stop.
    func run() async throws {
        let lock = try stage.installation.open()
        try stage.check(address, isSecure: certificate != nil, retry: "ik up")
        let keys = try LocalKeys(stage.installation)
        let manager = try await stage.manager(on: ListenAddress(host: "127.0.0.1", port: 0)) {
            await self.gateway.withLock { $0 }?.metricsText() ?? ""
        }
        try await keys.introduce(to: manager, withWorker: runsWorker)
        try await stage.serve(
            services(behind: manager, keys),
            reloading: Stage.reloading(certificate, telemetry) { self.gateway.withLock { $0 } })
        withExtendedLifetime(lock) {}
    }

    /// In the order of their start; they are stopped in the reverse one.
    private func services(behind manager: ManagerService, _ keys: LocalKeys) -> [any Service] {
        let (gateways, opened) = AsyncStream.makeStream(of: GatewayService.self)
        var services: [any Service] = [
            manager,
            AfterManager(manager: manager) { url in
                let gateway = self.stage.gateway(
                    on: self.address, certificate: self.certificate, telemetry: self.telemetry, manager: url,
                    credential: keys.gateway)
                self.gateway.withLock { $0 = gateway }
                opened.yield(gateway)
                return gateway
            },
        ]
        if runsWorker {
            services.append(
                AfterManager(manager: manager) { [stage] url in
                    stage.workerAgent(
                        try stage.workerConfiguration(manager: url, access: .credential(keys.worker), name: "local"))
                })
        }
        return services + [sign(gateways, isFirstStart: keys.isFirstStart)]
    }

    private func sign(_ gateways: AsyncStream<GatewayService>, isFirstStart: Bool) -> ReadySign {
        ReadySign(stage: stage) { [stage, address, certificate, runsWorker] in
            for await gateway in gateways {
                return Welcome(
                    address: try await gateway.servingURL(on: address, isSecure: certificate != nil),
                    installation: stage.installation,
                    isFirstStart: isFirstStart, runsWorker: runsWorker)
            }
            throw CancellationError()
        }
    }
}
