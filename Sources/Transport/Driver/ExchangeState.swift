import NIOCore

typealias HeadWaiter = CheckedContinuation<Result<HTTPHead, TransportError>, Never>
typealias PieceWaiter = CheckedContinuation<Result<[UInt8]?, TransportError>, Never>

/// One request and its answer, between the event loop that brings it and the task that takes it.
///
/// ```
/// open ──head──▶ open ──finish──▶ ended(clean)
///   └────────fail, cancel───────▶ ended(failed)
/// ```
/// Every transition returns what is to be done outside the lock.
struct ExchangeState: Sendable {
    /// A stream further ahead of its consumer than this stops reading from its connection.
    static let maxBufferedBytes = 256 << 10

    /// Whether the connection should go on reading.
    enum Flow: Sendable, Hashable { case read, pause }

    /// What is to be done once the lock is released.
    struct Effects: Sendable {
        var head: (waiter: HeadWaiter, result: Result<HTTPHead, TransportError>)?
        var piece: (waiter: PieceWaiter, result: Result<[UInt8]?, TransportError>)?
        var close: (any Channel)?
        var read: (any Channel)?
        var timer: Scheduled<Void>?
    }

    private enum End: Sendable { case clean, failed(TransportError) }

    let delivery: Delivery
    private(set) var isStale = false
    private var head: HTTPHead?
    private var buffer: [UInt8] = []
    private var end: End?
    private var headWaiter: HeadWaiter?
    private var pieceWaiter: PieceWaiter?
    private var channel: (any Channel)?
    private var timer: Scheduled<Void>?
    private var isSent = false
    private(set) var isPaused = false
    /// The consumer wants no more; what still comes is dropped.
    private var isReleased = false

    init(delivery: Delivery) { self.delivery = delivery }

    // MARK: The task's side

    mutating func wait(_ waiter: HeadWaiter) -> Effects {
        if case .failed(let error) = end { return Effects(head: (waiter, .failure(error))) }
        headWaiter = waiter
        return Effects()
    }

    /// What can be taken at once; nil when the task has to wait.
    mutating func take() -> (result: Result<[UInt8]?, TransportError>, effects: Effects)? {
        if !buffer.isEmpty {
            defer { buffer = [] }
            var effects = Effects()
            if isPaused {
                isPaused = false
                effects.read = channel
            }
            return (.success(buffer), effects)
        }
        switch end {
        case .clean: return (.success(nil), Effects())
        case .failed(let error): return (.failure(error), Effects())
        case nil: return nil
        }
    }

    mutating func wait(_ waiter: PieceWaiter) -> Effects {
        if pieceWaiter != nil {
            return Effects(piece: (waiter, .failure(.malformed("two tasks read one stream"))))
        }
        if let (result, effects) = take() {
            var effects = effects
            effects.piece = (waiter, result)
            return effects
        }
        pieceWaiter = waiter
        return Effects()
    }

    /// Where the rest of the answer comes from, if any is to come.
    var eventLoop: (any EventLoop)? { channel?.eventLoop }

    mutating func takeBody() -> [UInt8] {
        defer { buffer = [] }
        return buffer
    }

    mutating func cancel() -> Effects {
        guard end == nil, !isReleased else { return Effects() }
        buffer = []
        return fail(.cancelled, closing: true)
    }

    /// Gives the channel that may still bring the rest.
    mutating func release() -> (rest: (any Channel)?, effects: Effects) {
        guard end == nil, !isReleased, let channel else { return (nil, cancel()) }
        isReleased = true
        buffer = []
        defer { isPaused = false }
        return (channel, Effects(read: isPaused ? channel : nil))
    }

    // MARK: The event loop's side

    /// Keeps the timer of the whole request; returns it when it is no longer needed.
    mutating func keep(_ timer: Scheduled<Void>) -> Effects {
        guard end == nil else { return Effects(timer: timer) }
        self.timer = timer
        return Effects()
    }

    /// False when the exchange has ended already and nothing is to be sent.
    mutating func send(on channel: any Channel) -> Bool {
        guard end == nil else { return false }
        self.channel = channel
        isSent = true
        return true
    }

    mutating func receive(_ head: HTTPHead) -> Effects {
        guard end == nil else { return Effects() }
        self.head = head
        switch delivery {
        case .whole(let maxBytes):
            if let length = head["content-length"].flatMap(Int.init), length > maxBytes {
                return fail(.tooLarge(limitBytes: maxBytes), closing: true)
            }
            return Effects()
        case .streamed: return answerHead(.success(head))
        }
    }

    mutating func receive(_ bytes: [UInt8]) -> (Flow, Effects) {
        guard end == nil, !isReleased else { return (.read, Effects()) }
        if let waiter = pieceWaiter {
            pieceWaiter = nil
            return (.read, Effects(piece: (waiter, .success(bytes))))
        }
        if buffer.isEmpty { buffer = bytes } else { buffer.append(contentsOf: bytes) }
        switch delivery {
        case .whole(let maxBytes):
            guard buffer.count > maxBytes else { return (.read, Effects()) }
            buffer = []
            return (.read, fail(.tooLarge(limitBytes: maxBytes), closing: true))
        case .streamed:
            isPaused = isPaused || buffer.count >= Self.maxBufferedBytes
            return (isPaused ? .pause : .read, Effects())
        }
    }

    mutating func finish() -> Effects {
        guard end == nil else { return Effects() }
        end = .clean
        channel = nil
        isPaused = false
        var effects = head.map { answerHead(.success($0)) } ?? Effects()
        if let waiter = pieceWaiter {
            pieceWaiter = nil
            effects.piece = (waiter, .success(nil))
        }
        return effects
    }

    mutating func fail(_ error: TransportError, closing: Bool, stale: Bool = false) -> Effects {
        guard end == nil else { return Effects() }
        end = .failed(error)
        isStale = stale
        isPaused = false
        var effects = answerHead(.failure(error))
        if let waiter = pieceWaiter {
            pieceWaiter = nil
            effects.piece = (waiter, .failure(error))
        }
        if closing { effects.close = channel }
        channel = nil
        return effects
    }

    /// The time is up for `what`.
    mutating func expire(_ what: String) -> Effects {
        fail(.timeout(what, mayHaveBegun: isSent), closing: true)
    }

    /// The answer's head is known, or never will be: the timer of the whole request has done its work.
    private mutating func answerHead(_ result: Result<HTTPHead, TransportError>) -> Effects {
        var effects = Effects(timer: timer)
        timer = nil
        if let waiter = headWaiter {
            headWaiter = nil
            effects.head = (waiter, result)
        }
        return effects
    }
}
