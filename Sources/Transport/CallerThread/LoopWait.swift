import CSockets

/// What one task of a ``CallerLoop`` waits for.
struct LoopWait: Sendable {
    struct Interest: Sendable, Hashable {
        let rawValue: UInt32
        static let read = Interest(rawValue: CSOCKETS_READ)
        static let write = Interest(rawValue: CSOCKETS_WRITE)
    }

    enum End: Sendable, Hashable { case ready, late, cancelled }

    /// -1 to wait for the moment only.
    var fd: Int32
    var interest: Interest
    var deadline: LoopMoment?
    var waiter: UnsafeContinuation<End, Never>
}
