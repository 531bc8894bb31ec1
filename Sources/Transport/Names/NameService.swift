import CSockets
import Synchronization

/// Finds the addresses of host names, each name on a thread of its own: looking up takes the time it likes and cannot be
/// ended, but whoever waits for it can stop waiting.
///
/// Who asks for a name that is being looked up waits for the same answer. The child of a `fork` asks anew.
final class NameService: Sendable {
    typealias Answer = Result<[String], TransportError>

    static let shared = NameService()
    /// Of the addresses of a host.
    static let maxAddresses = 16

    private struct State {
        var processID = ThisProcess.id
        var waiting: [String: [@Sendable (Answer) -> Void]] = [:]
    }

    private let lookUp: @Sendable (String) -> Answer
    private let state = Mutex(State())

    /// - Parameter lookUp: may block; gives numeric addresses, the best first.
    init(lookUp: @escaping @Sendable (String) -> Answer = { NameService.ask($0) }) { self.lookUp = lookUp }

    /// Tells the answer once, on whichever thread has it.
    func addresses(of host: String, then tell: @escaping @Sendable (Answer) -> Void) {
        let isFirst = state.withLock { state in
            if state.processID != ThisProcess.id { state = State() }
            state.waiting[host, default: []].append(tell)
            return state.waiting[host]?.count == 1
        }
        guard isFirst, !HelperThread.run({ self.answer(host, self.lookUp(host)) }) else { return }
        answer(host, .failure(.connect("cannot look up \(host): this process can have no more threads")))
    }

    private func answer(_ host: String, _ answer: Answer) {
        for tell in state.withLock({ $0.waiting.removeValue(forKey: host) }) ?? [] { tell(answer) }
    }

    /// Asks the machine's resolver.
    private static func ask(_ host: String) -> Answer {
        let size = Int(CSOCKETS_ADDRESS)
        var space = [CChar](repeating: 0, count: size * maxAddresses)
        let count = csockets_resolve(host, &space, Int32(maxAddresses))
        guard count > 0 else {
            let why = count < 0 ? csockets_resolve_error(count).map { String(cString: $0) } : nil
            return .failure(.connect("cannot find the host \(host): \(why ?? "it has no address")"))
        }
        return .success(
            (0..<Int(count)).map { index in
                let text = space[index * size..<(index + 1) * size].prefix { $0 != 0 }
                return String(decoding: text.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            })
    }
}
