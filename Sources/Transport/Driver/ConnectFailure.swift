import NIOCore
import NIOPosix

/// Says in one line why there is no connection.
enum ConnectFailure {
    static func connect(_ error: any Error, to origin: Origin, limit: Duration) -> TransportError {
        switch error {
        case ChannelError.connectTimeout: return timedOut(origin, limit)
        case let error as NIOConnectionError:
            if error.connectionErrors.contains(where: { isTimeout($0.error) }) { return timedOut(origin, limit) }
            if let last = error.connectionErrors.last { return refused(origin, last.error) }
            return .connect("cannot find the host \(origin.host)")
        default: return refused(origin, error)
        }
    }

    static func handshake(_ error: any Error, with origin: Origin) -> TransportError {
        error is IOError ? refused(origin, error) : .tls("no secure connection to \(origin): \(error)")
    }

    private static func refused(_ origin: Origin, _ error: any Error) -> TransportError {
        .connect("cannot connect to \(origin): \(error)")
    }

    private static func timedOut(_ origin: Origin, _ limit: Duration) -> TransportError {
        .timeout("no connection to \(origin) within \(limit)", mayHaveBegun: false)
    }

    private static func isTimeout(_ error: any Error) -> Bool {
        if case ChannelError.connectTimeout = error { true } else { false }
    }
}
