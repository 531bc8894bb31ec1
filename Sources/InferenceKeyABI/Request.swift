import InferenceKey
import Synchronization
import Transport

/// What an `ik_request` stands for: an operation that runs on a loop, and what it has brought and nobody has taken.
///
/// ```
/// running ──emit──▶ has news ──take──▶ running … ──finish──▶ over
/// ```
final class Request: Sendable {
    /// How long a cancelled operation may take to end.
    static let endGrace = Duration.seconds(1)

    enum Answer: Sendable {
        case bytes([UInt8])
        case end
        case failed(InferenceKeyError)
    }

    private struct State {
        var pending: [[UInt8]] = []
        var hasNews = false
        var end: Answer?
        var isAnnounced = false
        var task: Task<Void, Never>?
        /// The operation, which waits until its news is taken.
        var drained: UnsafeContinuation<Void, Never>?
    }

    private static let lastID = Atomic<UInt64>(0)

    let id = Request.lastID.add(1, ordering: .relaxed).newValue
    let loop: CallerLoop
    /// The request belongs to this process: a child of it shares the connection, and what waits for it in the kernel.
    private let processID = ThisProcess.id
    private let client: Client
    private let operation: Operation
    private let isOnClientLoop: Bool
    private let state = Mutex(State())

    /// Who drives the operation.
    enum Place: Int32 {
        case callingThread, clientLoop
        /// The client's loop, which the caller polls next.
        case polledClientLoop
    }

    init(_ operation: Operation, arguments: [UInt8], client: Client, place: Place) throws(InferenceKeyError) {
        self.client = client
        self.operation = operation
        isOnClientLoop = place != .callingThread
        do throws(TransportError) {
            loop = isOnClientLoop ? try client.sharedLoop() : try client.privateLoop()
        } catch { throw .network(error.description) }
        if isOnClientLoop { client.add(self) }
        let task = loop.task(isDrivenNext: place == .polledClientLoop) { [client] in
            let end: Answer
            do throws(InferenceKeyError) {
                try await operation.run(arguments, client, for: self)
                end = .end
            } catch { end = .failed(error) }
            self.finish(end)
        }
        state.withLock { if $0.end == nil { $0.task = task } }
    }

    // MARK: The operation's side

    /// Hands one result or event over.
    func emit(_ json: JSONValue) { emit([json.bytes]) }

    /// Hands events over; none at all says that a stream is open.
    func emit(_ items: [[UInt8]]) {
        let isNew = state.withLock { state in
            state.pending += items
            state.hasNews = true
            return state.isAnnounced.trySet()
        }
        if isNew { announce() }
    }

    /// Returns when everything was taken, or the request is cancelled.
    func drained() async {
        await withTaskCancellationHandler {
            await withUnsafeContinuation { waiter in
                let mustWait = state.withLock { state in
                    guard state.hasNews, !Task.isCancelled else { return false }
                    state.drained = waiter
                    return true
                }
                if !mustWait { waiter.resume() }
            }
        } onCancel: {
            state.withLock { $0.drained.take() }?.resume()
        }
    }

    private func finish(_ end: Answer) {
        let isNew = state.withLock { state in
            state.end = end
            state.task = nil
            return state.isAnnounced.trySet()
        }
        if isNew { announce() }
        if isOnClientLoop { client.remove(self) }
    }

    private func announce() { if isOnClientLoop { client.announce(self) } }

    // MARK: The caller's side

    /// What has come, waiting for it where the caller drives; nil when the time is up, or a signal came.
    func next(until deadline: LoopMoment?) -> (answer: Answer?, wasInterrupted: Bool) {
        guard isOwn else {
            return (.failed(.validation("the request belongs to the parent process; begin another")), false)
        }
        if let answer = take() { return (answer, false) }
        if isOnClientLoop { return (nil, false) }
        let end = loop.drive(until: deadline) { hasSomething }
        if end == .busy {
            let misuse = "another thread waits for this request; a request is for one at a time"
            return (.failed(.validation(misuse)), false)
        }
        return (take(), end == .interrupted)
    }

    /// Does nothing in the child of a `fork`.
    func cancel() { if isOwn { state.withLock { $0.task }?.cancel() } }

    /// Ends the operation and gives its loop back.
    func close() {
        cancel()
        guard isOwn, !isOnClientLoop else { return }
        if loop.drive(until: .now + Self.endGrace, isDone: { isOver }) == .done { client.giveBack(loop) }
    }

    private var isOwn: Bool { processID == ThisProcess.id }
    private var hasSomething: Bool { state.withLock { $0.hasNews || $0.end != nil } }
    private var isOver: Bool { state.withLock { $0.end != nil } }

    private func take() -> Answer? {
        let (answer, waiter): (Answer?, UnsafeContinuation<Void, Never>?) = state.withLock { state in
            state.isAnnounced = false
            guard state.hasNews else { return (state.end, nil) }
            state.hasNews = false
            defer { state.pending = [] }
            let bytes = operation.isStream ? Self.array(state.pending) : state.pending.first ?? []
            return (.bytes(bytes), state.drained.take())
        }
        waiter?.resume()
        return answer
    }

    private static func array(_ items: [[UInt8]]) -> [UInt8] {
        var text = [UInt8(ascii: "[")]
        text.reserveCapacity(items.reduce(2) { $0 + $1.count + 1 })
        for (index, item) in items.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            text += item
        }
        text.append(UInt8(ascii: "]"))
        return text
    }
}
