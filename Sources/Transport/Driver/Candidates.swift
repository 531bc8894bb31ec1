import NIOCore
import Synchronization

/// The handlers of the channels that one connection attempt makes: a name with several addresses may make several, of
/// which one is taken. A handler is found here also when its channel has closed again in the meantime.
final class Candidates: Sendable {
    private let handlers = Mutex<[ObjectIdentifier: NIOLoopBound<ConnectionHandler>]>([:])

    func add(_ handler: ConnectionHandler, of channel: any Channel) {
        let bound = NIOLoopBound(handler, eventLoop: channel.eventLoop)
        handlers.withLock { $0[ObjectIdentifier(channel)] = bound }
    }

    /// Call it on the channel's event loop.
    func take(_ channel: any Channel) -> ConnectionHandler? {
        let bound = handlers.withLock { handlers in
            defer { handlers = [:] }
            return handlers[ObjectIdentifier(channel)]
        }
        return bound?.value
    }
}
