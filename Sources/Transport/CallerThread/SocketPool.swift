import Synchronization

/// Keeps idle sockets by host, last used first out. In the child of a `fork` it begins empty.
final class SocketPool: Sendable {
    /// How long a connection may take to bring the end of an answer that nobody wants any more.
    static let releaseGrace = Duration.seconds(1)

    private struct Kept {
        var socket: Socket
        /// Of an answer whose end has not come yet.
        var parser: HTTPResponseParser?
        var expires: LoopMoment
    }

    private struct State {
        var processID = ThisProcess.id
        var kept: [Origin: [Kept]] = [:]
        var isClosed = false
    }

    private let maxIdlePerHost: Int
    private let state = Mutex(State())

    init(maxIdlePerHost: Int) { self.maxIdlePerHost = maxIdlePerHost }

    /// A connection that is open and quiet.
    func take(_ origin: Origin) -> Socket? {
        while let kept = pop(origin) {
            if kept.expires > .now, kept.parser == nil || hasEnded(kept), kept.socket.isQuiet { return kept.socket }
        }
        return nil
    }

    func keep(_ socket: Socket, to origin: Origin, for time: Duration, parser: HTTPResponseParser? = nil) {
        let kept = Kept(socket: socket, parser: parser, expires: .now + time)
        state.withLock { state in
            guard !state.isClosed, state.processID == ThisProcess.id else { return }
            Self.add(kept, to: &state.kept[origin, default: []], atMost: maxIdlePerHost)
        }
    }

    private static func add(_ new: Kept, to kept: inout [Kept], atMost limit: Int) {
        kept.append(new)
        if kept.count > limit { kept.removeFirst() }
    }

    func close() {
        state.withLock { state in
            state.isClosed = true
            state.kept = [:]
        }
    }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    private func pop(_ origin: Origin) -> Kept? {
        state.withLock { state in
            if state.processID != ThisProcess.id {
                state.processID = ThisProcess.id
                state.kept = [:]
            }
            return state.kept[origin]?.popLast()
        }
    }

    /// Reads the rest of the answer that nobody wanted.
    private func hasEnded(_ kept: Kept) -> Bool {
        guard var parser = kept.parser else { return true }
        do throws(TransportError) {
            while let bytes = try kept.socket.readNow(), !bytes.isEmpty {
                if case .end(let reusable)? = try parser.read(bytes).last { return reusable }
            }
            return false
        } catch { return false }
    }
}
