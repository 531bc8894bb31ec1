import CSockets

/// The kernel's side of a ``CallerLoop``: what it sleeps on.
///
/// A private one is waited for with `poll`; a shared one is a set with a descriptor of its own, for a host's event loop.
final class LoopWatch: Sendable {
    /// The most descriptors that one look at a shared set brings.
    static let maxReady = 256
    private static let alarmToken = UInt64.max
    private static let timerToken = UInt64.max - 1

    private let alarm: Int32
    private let timer: Int32
    /// The descriptor of the set; -1 for a private one.
    let pollSet: Int32

    /// Throws when this process can have no more descriptors.
    init(isShared: Bool) throws(TransportError) {
        alarm = csockets_alarm()
        timer = isShared ? csockets_timer() : -1
        pollSet = isShared ? csockets_set() : -1
        if let code = (isShared ? [alarm, timer, pollSet] : [alarm]).first(where: { $0 < 0 }) {
            throw .noDescriptors(code)
        }
        guard isShared else { return }
        csockets_set_add(pollSet, alarm, CSOCKETS_READ, Self.alarmToken, 0)
        csockets_set_add(pollSet, timer, CSOCKETS_READ, Self.timerToken, 0)
    }

    deinit { for fd in [alarm, timer, pollSet] where fd >= 0 { csockets_close(fd) } }

    var isShared: Bool { pollSet >= 0 }

    func ring() { csockets_alarm_ring(alarm) }
    func clear() { csockets_alarm_clear(alarm) }

    /// Makes a shared set readable at that moment, or at none.
    func wake(at moment: LoopMoment?) {
        if isShared { csockets_timer_set(timer, moment.map { max(1, $0.nanoseconds) } ?? 0) }
    }

    func add(_ wait: LoopWait, _ id: Int) {
        if isShared, wait.fd >= 0 { csockets_set_add(pollSet, wait.fd, wait.interest.rawValue, UInt64(id), 1) }
    }

    func remove(_ wait: LoopWait) { if isShared, wait.fd >= 0 { csockets_set_remove(pollSet, wait.fd) } }

    enum Sight {
        /// The waits that are ready.
        case ready([Int])
        /// A signal came.
        case interrupted
    }

    /// Sleeps until one of the waits is ready, the alarm rings or the time is up.
    func sleep(_ milliseconds: Int32, on waits: [Int: LoopWait]) -> Sight {
        isShared ? sleepOnSet(milliseconds) : sleepOnSome(milliseconds, waits)
    }

    private func sleepOnSet(_ milliseconds: Int32) -> Sight {
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: Self.maxReady) { tokens in
            let count = csockets_set_wait(pollSet, tokens.baseAddress, Int32(Self.maxReady), milliseconds)
            guard count >= 0 else { return .interrupted }
            return .ready(tokens[..<Int(count)].filter { $0 < Self.timerToken }.map(Int.init))
        }
    }

    private func sleepOnSome(_ milliseconds: Int32, _ waits: [Int: LoopWait]) -> Sight {
        var ids = [-1]
        var fds = [alarm]
        var interests = [CSOCKETS_READ]
        for (id, wait) in waits where wait.fd >= 0 {
            ids.append(id)
            fds.append(wait.fd)
            interests.append(wait.interest.rawValue)
        }
        var fired = [UInt32](repeating: 0, count: fds.count)
        guard csockets_poll(fds, interests, &fired, Int32(fds.count), milliseconds) >= 0 else { return .interrupted }
        return .ready(zip(ids, fired).filter { $0.0 >= 0 && $0.1 != 0 }.map(\.0))
    }
}
