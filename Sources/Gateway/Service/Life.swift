import Synchronization

/// Where one Gateway is in its life, for those who wait for it.
///
/// ```
/// starting ──▶ running ──▶ listening ──▶ ended
///     └───────────┴── failed ──────────────▲
/// ```
final class Life: Sendable {
    private enum Stage {
        case starting
        case running(Lanes, TablesKeeper)
        case listening(Lanes, TablesKeeper, port: Int)
        case ended((any Error)?)
    }

    private struct State {
        var stage = Stage.starting
        var waiters: [CheckedContinuation<Int, any Error>] = []
        var finalReport: (@Sendable () async -> Void)?
        var certificate: ServerCertificate?
        var telemetry: Telemetry?
    }

    private let state = Mutex(State())

    var lanes: Lanes? { running?.0 }
    var keeper: TablesKeeper? { running?.1 }

    var isListening: Bool {
        state.withLock { if case .listening = $0.stage { true } else { false } }
    }

    /// Sends what was used and not yet reported, once the last request is over.
    var finalReport: (@Sendable () async -> Void)? {
        get { state.withLock { $0.finalReport } }
        set { state.withLock { $0.finalReport = newValue } }
    }

    /// What it is served by with TLS.
    var certificate: ServerCertificate? {
        get { state.withLock { $0.certificate } }
        set { state.withLock { $0.certificate = newValue } }
    }

    /// What it writes logs and spans with.
    var telemetry: Telemetry? {
        get { state.withLock { $0.telemetry } }
        set { state.withLock { $0.telemetry = newValue } }
    }

    func start(_ lanes: Lanes, _ keeper: TablesKeeper) { state.withLock { $0.stage = .running(lanes, keeper) } }

    func listen(on port: Int) {
        let waiters = state.withLock { state -> [CheckedContinuation<Int, any Error>] in
            if case .running(let lanes, let keeper) = state.stage {
                state.stage = .listening(lanes, keeper, port: port)
            }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(returning: port) }
    }

    func end(_ error: (any Error)?) {
        let waiters = state.withLock { state -> [CheckedContinuation<Int, any Error>] in
            state.stage = .ended(error)
            state.finalReport = nil
            state.certificate = nil
            state.telemetry = nil
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(throwing: error ?? GatewayFailure.endedBeforeListening) }
    }

    func port() async throws -> Int {
        try await withCheckedThrowingContinuation { continuation in
            let known = state.withLock { state -> Result<Int, any Error>? in
                switch state.stage {
                case .listening(_, _, let port): return .success(port)
                case .ended(let error): return .failure(error ?? GatewayFailure.endedBeforeListening)
                case .starting, .running:
                    state.waiters.append(continuation)
                    return nil
                }
            }
            if let known { continuation.resume(with: known) }
        }
    }

    private var running: (Lanes, TablesKeeper)? {
        state.withLock { state in
            switch state.stage {
            case .running(let lanes, let keeper), .listening(let lanes, let keeper, _): (lanes, keeper)
            case .starting, .ended: nil
            }
        }
    }
}
