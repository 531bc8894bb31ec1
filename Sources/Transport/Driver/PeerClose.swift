import NIOCore

/// Asks the kernel whether the other side has closed a connection, whether or not the event loop has come to it yet.
enum PeerClose {
    #if os(Linux)
        /// `TCP_INFO`; its first byte is the state of the connection.
        private static let infoOption = NIOBSDSocket.Option(rawValue: 11)
        private static let established: UInt8 = 1

        /// Call it on the channel's event loop.
        static func hasHappened(on channel: any Channel) -> Bool {
            guard let options = channel as? any SocketOptionProvider else { return false }
            var isOpen = true
            let state: EventLoopFuture<UInt8> = options.unsafeGetSocketOption(level: .tcp, name: infoOption)
            state.assumeIsolated().whenSuccess { isOpen = $0 == established }
            return !isOpen
        }
    #else
        static func hasHappened(on channel: any Channel) -> Bool { !channel.isActive }
    #endif
}
