import InferenceKeyWire
import Synchronization

/// When each credential was last used and where: to the minute, in memory, without a write per request.
final class LastUseBook: Sendable {
    enum Plane: String, Sendable {
        case control
        case data
        case link
    }

    struct Use: Sendable {
        var at: Timestamp
        var plane: Plane
    }

    private let uses = Mutex<[String: Use]>([:])

    func note(_ id: String, _ plane: Plane, at time: Timestamp) {
        let minute = Timestamp(milliseconds: time.milliseconds / 60_000 * 60_000)
        uses.withLock { uses in
            if let known = uses[id], known.at > minute { return }
            uses[id] = Use(at: minute, plane: plane)
        }
    }

    subscript(id: String) -> Use? { uses.withLock { $0[id] } }

    func forget(_ id: String) { uses.withLock { _ = $0.removeValue(forKey: id) } }
}
