import Synchronization

/// One answer as it comes over a socket. For one reader at a time.
final class SocketAnswer: Sendable {
    struct Terms: Sendable {
        var origin: Origin
        var timeouts: HTTPTimeouts
        var pool: SocketPool
        var reused: Bool
        /// When the whole request must be over.
        var deadline: LoopMoment?
    }

    private struct Reading {
        var parser: HTTPResponseParser
        var pieces: [[UInt8]] = []
        var sawByte = false
        var isEnded = false
        var readBytes = Socket.firstReadBytes
    }

    private let terms: Terms
    private let socket: Mutex<Socket?>
    /// Nil while a task reads.
    private let reading: Mutex<Reading?>
    private let head = Mutex(HTTPHead(status: 0))

    init(_ socket: Socket, method: String, _ terms: Terms) {
        self.terms = terms
        self.socket = Mutex(socket)
        reading = Mutex(Reading(parser: HTTPResponseParser(method: method)))
    }

    /// Whether it failed on a kept connection before the first byte of an answer.
    var isStale: Bool { terms.reused && reading.withLock { $0.map { !$0.sawByte } ?? false } }

    /// Sends the request and reads up to the end of the head.
    func begin(_ bytes: [UInt8], on loop: CallerLoop) async throws(TransportError) -> HTTPHead {
        guard let socket = open else { throw .cancelled }
        try await socket.write(bytes, until: terms.deadline, late: late, on: loop)
        while true {
            if let head = try await read(until: terms.deadline, late: late, on: loop) { return head }
        }
    }

    /// Every byte of the body that is there, nil at its clean end.
    /// - Parameter isWhole: whether the deadline of the whole request holds.
    func next(isWhole: Bool = false, on loop: CallerLoop) async throws(TransportError) -> [UInt8]? {
        let idle = terms.timeouts.idle
        while true {
            switch taken() {
            case .piece(let bytes): return bytes
            case .end: return nil
            case .nothing: break
            }
            let silence = LoopMoment.now + idle
            if isWhole, let deadline = terms.deadline, deadline < silence {
                _ = try await read(until: deadline, late: late, on: loop)
            } else {
                let late = { TransportError.timeout("the server sent nothing for \(idle)", mayHaveBegun: true) }
                _ = try await read(until: silence, late: late(), on: loop)
            }
        }
    }

    /// The whole body.
    func body(maxBytes: Int, on loop: CallerLoop) async throws(TransportError) -> [UInt8] {
        if let length = head.withLock({ $0["content-length"] }).flatMap(Int.init), length > maxBytes {
            throw .tooLarge(limitBytes: maxBytes)
        }
        var body: [UInt8] = []
        while let piece = try await next(isWhole: true, on: loop) {
            if body.isEmpty { body = piece } else { body.append(contentsOf: piece) }
            guard body.count <= maxBytes else { throw .tooLarge(limitBytes: maxBytes) }
        }
        return body
    }

    /// Closes the connection.
    func cancel() { socket.withLock { $0.take() }?.cut() }

    /// Takes no more bytes. If the rest comes within a second the connection is kept for the next request.
    func release() {
        guard let socket = socket.withLock({ $0.take() }), let reading = reading.withLock({ $0.take() }) else { return }
        terms.pool.keep(socket, to: terms.origin, for: SocketPool.releaseGrace, parser: reading.parser)
    }

    private enum Taken { case piece([UInt8]), end, nothing }

    private func taken() -> Taken {
        reading.withLock { reading in
            guard let pieces = reading?.pieces, let first = pieces.first else {
                return reading?.isEnded == true ? .end : .nothing
            }
            reading?.pieces = []
            return .piece(pieces.count == 1 ? first : Array(pieces.joined()))
        }
    }

    private var open: Socket? { socket.withLock { $0 } }

    private var late: TransportError {
        .timeout("no answer within \(terms.timeouts.total ?? .zero)", mayHaveBegun: true)
    }

    /// Reads once. Gives the head when it became known.
    private func read(
        until deadline: LoopMoment?, late: @autoclosure () -> TransportError, on loop: CallerLoop
    ) async throws(TransportError) -> HTTPHead? {
        guard let socket = open else { throw .cancelled }
        guard var reading = reading.withLock({ $0.take() }) else { throw .malformed("two tasks read one stream") }
        let events: [HTTPResponseParser.Event]
        do throws(TransportError) {
            let bytes = try await socket.read(upTo: reading.readBytes, until: deadline, late: late(), on: loop)
            guard open != nil else { throw .cancelled }
            if bytes.count == reading.readBytes { reading.readBytes = Socket.maxReadBytes }
            reading.sawByte = reading.sawByte || !bytes.isEmpty
            events = try bytes.isEmpty ? reading.parser.finish() : reading.parser.read(bytes)
        } catch {
            self.socket.withLock { $0 = nil }
            self.reading.withLock { [reading] in $0 = reading }
            throw error
        }
        let found = note(events, in: &reading, socket)
        self.reading.withLock { [reading] in $0 = reading }
        return found
    }

    private func note(_ events: [HTTPResponseParser.Event], in reading: inout Reading, _ socket: Socket) -> HTTPHead? {
        var found: HTTPHead?
        for event in events {
            switch event {
            case .head(let head):
                found = head
                self.head.withLock { $0 = head }
            case .body(let bytes): reading.pieces.append(bytes)
            case .end(let reusable):
                reading.isEnded = true
                self.socket.withLock { $0 = nil }
                if reusable { terms.pool.keep(socket, to: terms.origin, for: keepTime) }
            }
        }
        return found
    }

    private var keepTime: Duration {
        PoolLimits.idleTime(announced: head.withLock { KeepAlive.announced(in: $0) })
    }
}
