import Console
import Gateway
import Logging
import ServiceLifecycle
import UnixSignals
import Worker

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension Stage {
    /// Runs the services until SIGTERM or SIGINT, which ends them in the reverse order, gracefully. A second signal ends
    /// the process at once; engines outlive it. SIGHUP calls `reload` where there is one.
    func serve(_ services: [any Service], reloading reload: (@Sendable () -> Void)? = nil) async throws {
        let trapped: [UnixSignal] = reload == nil ? [.sigterm, .sigint] : [.sigterm, .sigint, .sighup]
        let signals = await UnixSignalsSequence(trapping: trapped)
        var quiet = logger("ik")
        quiet.logLevel = max(quiet.logLevel, .warning)
        let group = ServiceGroup(services: services, logger: quiet)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                do { try await group.run() } catch { throw Self.failure(error) }
            }
            tasks.addTask {
                var isStopping = false
                for await signal in signals {
                    if signal == .sighup {
                        reload?()
                        continue
                    }
                    if isStopping { _exit(Outcome.interrupted.rawValue) }
                    isStopping = true
                    say("Stopping. Once more to stop at once.")
                    await group.triggerGracefulShutdown()
                }
            }
            defer { tasks.cancelAll() }
            try await tasks.next()
        }
    }

    /// What ended a role, for a person.
    private static func failure(_ error: any Error) -> any Error {
        switch error {
        case GatewayFailure.cannotListen(let place, let reason):
            CommandFailure(
                .failed, "\(place) cannot be listened on", why: reason,
                next: ["give --listen another address", "ik doctor   # tells who answers there"])
        case GatewayFailure.certificate(let fault):
            CommandFailure(.failed, "\(fault)", next: fault.fix)
        case GatewayFailure.accessLog(let reason):
            CommandFailure(.failed, reason, next: "give --access-log a file in a folder that can be written to")
        case let error as WorkerError:
            CommandFailure(.failed, "\(error)", next: "ik worker join-token   # where the platform runs")
        case is CommandFailure: error
        default: CommandFailure(.failed, "the platform ended: \(error)", next: "ik doctor")
        }
    }
}
