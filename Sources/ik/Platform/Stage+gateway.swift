import Console
import Gateway
import InferenceKeyWire
import Transport

extension Stage {
    /// A Gateway that mirrors its tables in the data folder and relays what is not its own to the Manager.
    func gateway(
        on address: ListenAddress, certificate: CertificateFiles?, telemetry: TelemetryConfiguration, manager: BaseURL,
        credential: Credential
    ) -> GatewayService {
        var configuration = GatewayConfiguration()
        configuration.certificate = certificate
        configuration.telemetry = telemetry
        configuration.host = address.host
        configuration.port = address.port
        configuration.manager = GatewayConfiguration.ManagerLink(base: manager, credential: credential)
        configuration.mirrorPath = installation.gatewayFolder.path + "/tables.json"
        configuration.usagePath = installation.gatewayFolder.path + "/usage"
        // Bytes are relayed as they are, so only to a Manager that is reached without TLS.
        if !manager.isSecure { configuration.controlUpstream = Address(host: manager.host, port: manager.port) }
        return GatewayService(configuration, logger: logger("gateway"))
    }

    /// What SIGHUP does; nil without TLS and access log, where it ends the process as it always does.
    static func reloading(
        _ certificate: CertificateFiles?, _ telemetry: TelemetryConfiguration,
        _ gateway: @escaping @Sendable () -> GatewayService?
    ) -> (@Sendable () -> Void)? {
        switch (certificate, telemetry.accessLog) {
        case (nil, nil), (nil, .standardOutput): return nil
        default: return { gateway()?.reloadFiles() }
        }
    }

    /// `ready` once the Gateway serves what its Manager told it, or what it told it before.
    func readySign(of gateway: GatewayService, on address: ListenAddress, isSecure: Bool) -> ReadySign {
        ReadySign(stage: self) { [installation] in
            Welcome(
                address: try await gateway.servingURL(on: address, isSecure: isSecure), installation: installation,
                isFirstStart: false,
                runsWorker: false)
        }
    }
}

extension GatewayService {
    /// What SIGHUP asks for: its certificate is read and its access log opened anew.
    func reloadFiles() {
        reloadCertificate()
        reopenAccessLog()
    }

    /// Its address for a client on this machine, once it listens and has tables to serve by.
    func servingURL(on address: ListenAddress, isSecure: Bool) async throws -> String {
        let port = try await boundPort()
        while !isReady { try await Task.sleep(for: .milliseconds(10)) }
        return ListenAddress(host: address.host, port: port).localURL(secure: isSecure)
    }
}
