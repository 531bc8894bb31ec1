import ArgumentParser
import Console

struct Up: PlatformCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", "Runs the whole platform on this machine.",
        examples: [
            "ik up", "ik up --data ./platform --listen 127.0.0.1:9000", "ik up --no-worker",
            "ik up --listen 0.0.0.0:443 --tls-certificate chain.pem --tls-key key.pem",
        ],
        notes: """
            The first start makes an operator key in the data folder, for the other commands on this machine. Prints \
            "ready" when it serves. SIGTERM or Ctrl-C stops it; engines run on and are taken over by the next start.
            """)

    @OptionGroup var shared: PlatformOptions
    @OptionGroup var engines: EngineOptions
    @OptionGroup var tls: TLSOptions
    @OptionGroup var telemetry: TelemetryOptions

    @Option(help: "Where it listens (IK_LISTEN; 127.0.0.1:8080 without it).")
    var listen: String?

    @Flag(help: "Run no engines on this machine (IK_NO_WORKER).")
    var noWorker = false

    @Option(
        help: "How long a replica that is replaced may finish its requests, seconds (IK_DRAIN_SECONDS; 60 without it).")
    var drainSeconds: Int?

    var typed: [Setting: [String]] {
        engines.typed.merging(tls.typed) { $1 }.merging(telemetry.typed) { $1 }.merging([
            .listen: listen.list, .noWorker: noWorker.list, .drainSeconds: drainSeconds.map { String($0) }.list,
        ]) { $1 }
    }

    func run(_ stage: Stage) async throws {
        try await WholePlatform(stage).run()
    }
}
