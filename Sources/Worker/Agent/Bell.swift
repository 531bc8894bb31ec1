import Synchronization

/// Wakes the one who listens; several rings between two looks are one.
package final class Bell: Sendable {
    private struct State {
        var listener: AsyncStream<Void>.Continuation?
        var wasRung = false
    }

    private let state = Mutex(State())

    package init() {}

    package func ring() {
        state.withLock { state in
            if case .terminated? = state.listener?.yield() { state.listener = nil }
            state.wasRung = state.listener == nil
        }
    }

    /// One element after each ring, the ones before this call included. A later call takes the place of this listener.
    package func rings() -> AsyncStream<Void> {
        let (rings, listener) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        state.withLock { state in
            state.listener?.finish()
            state.listener = listener
            if state.wasRung { listener.yield() }
            state.wasRung = false
        }
        return rings
    }
}
