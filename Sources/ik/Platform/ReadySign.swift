import Console
import ServiceLifecycle

/// Says that the platform serves, once it does: words on stderr, `ready` on stdout.
struct ReadySign: Service {
    let stage: Stage
    /// Waits until the platform serves.
    let served: @Sendable () async throws -> Welcome

    func run() async throws {
        await cancelWhenGracefulShutdown {
            guard let welcome = try? await served() else { return }
            stage.say(welcome.text(environment: Process.environment))
            stage.terminal.print("ready")
        }
        try await gracefulShutdown()
    }
}
