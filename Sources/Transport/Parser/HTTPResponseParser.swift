/// Reads one HTTP/1.1 answer from bytes that arrive in any pieces. No I/O: any driver can feed it.
///
/// ```
/// statusLine ──▶ fields ──▶ fixed | chunkSize ⇄ chunk | untilClose ──▶ ended
///      ▲            │ 1xx                └──▶ trailers ─────────────────▲
///      └────────────┘
/// ```
package struct HTTPResponseParser: Sendable {
    package enum Event: Sendable, Hashable {
        case head(HTTPHead)
        /// Never empty.
        case body([UInt8])
        /// The answer is whole. `reusable` says whether the connection may carry another request.
        case end(reusable: Bool)
    }

    /// Status line and fields together; also the limit of the trailers.
    package static let maxHeadBytes = 64 << 10
    package static let maxFields = 200
    /// The size of a chunk with its extensions.
    package static let maxChunkLineBytes = 4096

    private enum Stage: Sendable, Hashable {
        case statusLine, fields
        case fixed(remaining: Int)
        case chunkSize, chunkEnd, trailers
        case chunk(remaining: Int)
        case untilClose
        case ended
    }

    private let isHeadRequest: Bool
    private var stage = Stage.statusLine
    private var line = LineBuffer(limit: Self.maxHeadBytes)
    private var builder = HeadBuilder()
    private var keepAlive = true

    /// - Parameter method: the method of the request: the answer to a `HEAD` has no body.
    package init(method: String) { isHeadRequest = method == "HEAD" }

    /// Whether the whole answer has been read.
    package var isEnded: Bool { stage == .ended }

    /// Takes the next bytes and gives what is now known. After an error the parser is of no more use.
    package mutating func read(_ bytes: [UInt8]) throws(TransportError) -> [Event] {
        var rest = bytes[...]
        var events: [Event] = []
        while !rest.isEmpty, stage != .ended { try step(&rest, &events) }
        if !rest.isEmpty, case .end(true) = events.last { events[events.count - 1] = .end(reusable: false) }
        return events
    }

    /// Takes the end of the connection: the end of a body that lasts until then, or an answer cut short.
    package mutating func finish() throws(TransportError) -> [Event] {
        switch stage {
        case .ended: return []
        case .untilClose:
            stage = .ended
            return [.end(reusable: false)]
        case .statusLine where !builder.hasBegun && line.isEmpty:
            throw .reset("the server closed the connection without an answer", mayHaveBegun: true)
        default: throw .reset("the connection ended in the middle of the answer", mayHaveBegun: true)
        }
    }

    private mutating func step(_ rest: inout ArraySlice<UInt8>, _ events: inout [Event]) throws(TransportError) {
        switch stage {
        case .statusLine:
            guard let text = try line.take(from: &rest) else { return }
            try builder.statusLine(text)
            stage = .fields
        case .fields:
            guard let text = try line.take(from: &rest) else { return }
            if text.isEmpty { try endHead(&events) } else { try builder.field(text) }
        case .fixed(let remaining):
            let left = remaining - take(remaining, from: &rest, &events)
            if left == 0 { end(&events) } else { stage = .fixed(remaining: left) }
        case .chunkSize:
            guard let text = try line.take(from: &rest) else { return }
            let size = try ChunkLine.size(text)
            startLine(limit: Self.maxHeadBytes)
            stage = size == 0 ? .trailers : .chunk(remaining: size)
        case .chunk(let remaining):
            let left = remaining - take(remaining, from: &rest, &events)
            stage = left == 0 ? .chunkEnd : .chunk(remaining: left)
        case .chunkEnd:
            guard let text = try line.take(from: &rest) else { return }
            guard text.isEmpty else { throw .malformed("a chunk is longer than it says") }
            startLine(limit: Self.maxChunkLineBytes)
            stage = .chunkSize
        case .trailers:
            guard let text = try line.take(from: &rest) else { return }
            if text.isEmpty { end(&events) }
        case .untilClose: _ = take(rest.count, from: &rest, &events)
        case .ended: return
        }
    }

    private mutating func endHead(_ events: inout [Event]) throws(TransportError) {
        let (head, framing) = try builder.finish(isHeadRequest: isHeadRequest)
        if (100..<200).contains(head.status) {
            guard head.status != 101 else { throw .malformed("the server switched protocols unasked") }
            builder = HeadBuilder()
            startLine(limit: Self.maxHeadBytes)
            stage = .statusLine
            return
        }
        keepAlive = builder.keepsAlive
        events.append(.head(head))
        switch framing {
        case .none, .length(0): end(&events)
        case .length(let count): stage = .fixed(remaining: count)
        case .chunked:
            startLine(limit: Self.maxChunkLineBytes)
            stage = .chunkSize
        case .untilClose: stage = .untilClose
        }
    }

    private mutating func end(_ events: inout [Event]) {
        stage = .ended
        events.append(.end(reusable: keepAlive))
    }

    private mutating func startLine(limit: Int) { line = LineBuffer(limit: limit) }

    private func take(_ count: Int, from rest: inout ArraySlice<UInt8>, _ events: inout [Event]) -> Int {
        let piece = rest.prefix(count)
        rest = rest.dropFirst(piece.count)
        if !piece.isEmpty { events.append(.body(Array(piece))) }
        return piece.count
    }
}
