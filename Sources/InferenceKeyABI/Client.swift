import InferenceKey
import Synchronization
import Transport

/// What an `ik_client` stands for: one of the two clients, and the loops that its requests run on.
final class Client: Sendable {
    enum Plane: Sendable {
        case control(ManagementClient)
        case data(DataClient)
    }

    /// Loops that wait for their next request.
    static let maxIdleLoops = 64

    private struct State {
        var processID = ThisProcess.id
        var idle: [CallerLoop] = []
        var shared: CallerLoop?
        /// The requests on the shared loop that are not over.
        var running: [UInt64: Request] = [:]
        /// Those of them with something to take, in order.
        var ready: [UInt64] = []
    }

    let plane: Plane
    let options: ClientOptions
    private let state = Mutex(State())

    init(plane: Plane, options: ClientOptions) {
        self.plane = plane
        self.options = options
    }

    /// A loop for one request that its caller drives.
    func privateLoop() throws(TransportError) -> CallerLoop {
        if let loop = ownState({ $0.idle.popLast() }) { return loop }
        return try CallerLoop()
    }

    /// Takes a loop back that has nothing left to do.
    func giveBack(_ loop: CallerLoop) {
        ownState { state in if state.idle.count < Self.maxIdleLoops { state.idle.append(loop) } }
    }

    /// A loop that cannot be had is tried again the next time.
    func sharedLoop() throws(TransportError) -> CallerLoop {
        try ownState { state throws(TransportError) in
            if let loop = state.shared { return loop }
            let loop = try CallerLoop(isShared: true)
            state.shared = loop
            return loop
        }
    }

    func add(_ request: Request) { ownState { $0.running[request.id] = request } }
    func remove(_ request: Request) { ownState { _ = $0.running.removeValue(forKey: request.id) } }
    func announce(_ request: Request) { ownState { $0.ready.append(request.id) } }

    /// The ids that were announced and not taken yet, oldest first.
    func takeReady(_ count: Int) -> [UInt64] {
        ownState { state in
            let taken = Array(state.ready.prefix(count))
            state.ready.removeFirst(taken.count)
            return taken
        }
    }

    var hasReady: Bool { ownState { !$0.ready.isEmpty } }

    /// Ends what runs on the shared loop.
    func close() {
        let running = ownState { Array($0.running.values) }
        guard !running.isEmpty else { return }
        for request in running { request.cancel() }
        _ = ownState { $0.shared }?.drive(until: .now + Request.endGrace) { ownState { $0.running.isEmpty } }
    }

    /// In the child of a `fork` what belongs to the parent's requests and loops is left alone.
    private func ownState<Result, Failure>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try state.withLock { state throws(Failure) in
            if state.processID != ThisProcess.id { state = State() }
            return try body(&state)
        }
    }
}
