import CSockets
import Synchronization

extension NameService {
    /// The addresses of a host for a task of the loop, which goes on with others meanwhile; nil when the time is up. An
    /// address is its own, without a thread.
    func addresses(
        of host: String, until deadline: LoopMoment, on loop: CallerLoop
    ) async throws(TransportError) -> [String]? {
        if csockets_is_address(host) == 1 { return [host] }
        let found = Found()
        let end = await loop.wait(until: deadline) { wake in
            addresses(of: host) { answer in
                found.answer.withLock { $0 = answer }
                wake()
            }
        }
        switch end {
        case .late: return nil
        case .cancelled: throw .cancelled
        case .ready: return try found.answer.withLock { $0 }?.get()
        }
    }

    private final class Found: Sendable {
        let answer = Mutex<Answer?>(nil)
    }
}
