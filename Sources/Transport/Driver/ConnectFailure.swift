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
            let unknown = error.dnsAError as? TransportError ?? error.dnsAAAAError as? TransportError
            return unknown ?? .connect("cannot find the host \(origin.host): it has no address")
        default: return refused(origin, error)
        }
    }

    static func handshake(_ error: any Error, with origin: Origin) -> TransportError {
        error is IOError
            ? refused(origin, error) : .tls("no secure connection to \(origin): \(handshakeReason("\(error)"))")
    }

    /// What a failed handshake means, and what to do. What the TLS library says of itself, such as where in its source it
    /// noticed, is left out.
    static func handshakeReason(_ description: String) -> String {
        let words = description.split { !($0.isLetter || $0.isNumber || $0 == "_") }
        if words.contains("failedToValidateHostname") || words.contains("unableToValidateCertificate") {
            return "its certificate is for another host; use the host name that the certificate has"
        }
        // The codes are in capitals with underscores: CERTIFICATE_VERIFY_FAILED.
        let code = words.first { $0.contains("_") && $0.allSatisfy { !$0.isLowercase } }
        switch code {
        case "CERTIFICATE_VERIFY_FAILED"?:
            return "its certificate has expired, or comes from an authority that this machine does not trust; "
                + "add that authority to the machine's certificates"
        case "WRONG_VERSION_NUMBER"?, "HTTP_REQUEST"?:
            return "it does not speak TLS at this port; is its address http://?"
        case let code?: return "the handshake failed (\(code))"
        case nil: return words.contains("EOF") ? "it ended the connection" : "the handshake failed"
        }
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
