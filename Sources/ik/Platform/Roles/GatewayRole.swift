import ArgumentParser
import Console
import Gateway
import InferenceKeyWire

struct GatewayRole: PlatformCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway", "Runs a data plane: it serves /endpoint and relays the rest to its Manager.",
        examples: [
            "ik gateway --join ik_join_… --manager http://10.0.0.1:8080 --listen 0.0.0.0:8080",
            "ik gateway --manager http://10.0.0.1:8080 --listen 0.0.0.0:443 --tls-certificate chain.pem --tls-key key.pem",
            "ik gateway --credential-file /etc/inferencekey/gateway.credential --manager http://10.0.0.1:8080",
        ],
        notes: "It joins once; later starts use the credential in its data folder.")

    @OptionGroup var shared: PlatformOptions
    @OptionGroup var tls: TLSOptions
    @OptionGroup var telemetry: TelemetryOptions

    @Option(help: "Where it listens (IK_LISTEN; 127.0.0.1:8080 without it).")
    var listen: String?

    @Option(help: "The Manager's address (IK_MANAGER).")
    var manager: String?

    @Option(help: "A token of 'ik worker join-token --role gateway', for the first start (IK_JOIN: not seen in 'ps').")
    var join: String?

    @Option(help: "A file with its ik_gtw_ credential, in place of joining (IK_CREDENTIAL_FILE).")
    var credentialFile: String?

    @Option(help: "What it is called (IK_NAME; the host's name without it).")
    var name: String?

    var typed: [Setting: [String]] {
        tls.typed.merging(telemetry.typed) { $1 }.merging([
            .listen: listen.list, .manager: manager.list, .join: join.list, .credentialFile: credentialFile.list,
            .name: name.list,
        ]) { $1 }
    }

    func run(_ stage: Stage) async throws {
        let manager = try stage.managerURL(of: "gateway")
        let address = try stage.listenAddress()
        let certificate = try stage.certificate()
        let telemetry = try stage.telemetry()
        let lock = try stage.installation.open()
        try stage.check(address, isSecure: certificate != nil, retry: "ik gateway")
        let credential = try await stage.gatewayCredential(manager: manager)
        let gateway = stage.gateway(
            on: address, certificate: certificate, telemetry: telemetry, manager: manager, credential: credential)
        try await stage.serve(
            [gateway, stage.readySign(of: gateway, on: address, isSecure: certificate != nil)],
            reloading: Stage.reloading(certificate, telemetry) { gateway })
        withExtendedLifetime(lock) {}
    }
}
