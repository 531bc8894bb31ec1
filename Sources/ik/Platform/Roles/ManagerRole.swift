import ArgumentParser
import Console
import InferenceKeyWire
import Manager

struct ManagerRole: PlatformCommand {
    static let configuration = CommandConfiguration(
        commandName: "manager", "Runs the control plane alone; Gateways and workers join it.",
        examples: ["ik manager --listen 10.0.0.1:8080 --data /var/lib/inferencekey"])

    @OptionGroup var shared: PlatformOptions

    @Option(help: "Where it listens (IK_LISTEN; 127.0.0.1:8080 without it).")
    var listen: String?

    @Option(
        help: "How long a replica that is replaced may finish its requests, seconds (IK_DRAIN_SECONDS; 60 without it).")
    var drainSeconds: Int?

    var typed: [Setting: [String]] { [.listen: listen.list, .drainSeconds: drainSeconds.map { String($0) }.list] }

    func run(_ stage: Stage) async throws {
        let address = try stage.listenAddress()
        let lock = try stage.installation.open()
        try stage.check(address, retry: "ik manager")
        let manager = try await stage.manager(on: address)
        let key = try stage.installation.ensure(.operatorKey, in: stage.installation.operatorKey)
        _ = try await manager.firstStart.ensureTenant()
        try await manager.firstStart.ensureOperator(key.credential)
        let sign = ReadySign(stage: stage) {
            let port = try await manager.port()
            return Welcome(
                address: ListenAddress(host: address.host, port: port).localURL, installation: stage.installation,
                isFirstStart: key.isNew, runsWorker: false)
        }
        try await stage.serve([manager, sign])
        withExtendedLifetime(lock) {}
    }
}
