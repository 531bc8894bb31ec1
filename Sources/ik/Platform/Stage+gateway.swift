import Console
import Gateway
import InferenceKeyWire
import Transport

extension Stage {
    /// A Gateway that mirrors its tables in the data folder and relays what is not its own to the Manager.
    func gateway(on address: ListenAddress, manager: BaseURL, credential: Credential) -> GatewayService {
        var configuration = GatewayConfiguration()
        configuration.host = address.host
        configuration.port = address.port
        configuration.manager = GatewayConfiguration.ManagerLink(base: manager, credential: credential)
        configuration.mirrorPath = installation.gatewayFolder.path + "/tables.json"
        // Bytes are relayed as they are, so only to a Manager that is reached without TLS.
        if !manager.isSecure { configuration.controlUpstream = Address(host: manager.host, port: manager.port) }
        return GatewayService(configuration, logger: logger("gateway"))
    }

    /// `ready` once the Gateway serves what its Manager told it, or what it told it before.
    func readySign(of gateway: GatewayService, on address: ListenAddress) -> ReadySign {
        ReadySign(stage: self) { [installation] in
            Welcome(
                address: try await gateway.servingURL(on: address), installation: installation, isFirstStart: false,
                runsWorker: false)
        }
    }
}

extension GatewayService {
    /// Its address for a client on this machine, once it listens and has tables to serve by.
    func servingURL(on address: ListenAddress) async throws -> String {
        let port = try await boundPort()
        while !isReady { try await Task.sleep(for: .milliseconds(10)) }
        return ListenAddress(host: address.host, port: port).localURL
    }
}
