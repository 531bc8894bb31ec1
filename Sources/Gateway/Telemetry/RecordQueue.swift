import Synchronization

/// The records that wait to be written, handed over by the loops in pieces. Bounded: what finds no room is dropped and
/// counted.
final class RecordQueue: Sendable {
    /// All pieces together.
    static let maxRecords = 32_768

    private struct State {
        var pieces: [[RequestRecord]] = []
        var count = 0
        var dropped = 0
    }

    private let limit: Int
    private let state = Mutex(State())
    private let wake: @Sendable () -> Void

    /// - Parameter wake: called when there is something to take; from any thread, and must not block.
    init(limit: Int = RecordQueue.maxRecords, wake: @escaping @Sendable () -> Void) {
        self.limit = limit
        self.wake = wake
    }

    func add(_ piece: [RequestRecord]) {
        guard !piece.isEmpty else { return }
        state.withLock { state in
            guard state.count + piece.count <= limit else { return state.dropped += piece.count }
            state.pieces.append(piece)
            state.count += piece.count
        }
        wake()
    }

    /// Takes all there is, and how many were dropped since the last time.
    func take() -> (pieces: [[RequestRecord]], dropped: Int) {
        state.withLock { state in
            defer { state = State() }
            return (state.pieces, state.dropped)
        }
    }
}
