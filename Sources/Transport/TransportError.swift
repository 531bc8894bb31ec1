/// Why there is no answer, or only a part of one.
package enum TransportError: Error, Sendable, Hashable {
    /// No connection: nothing was sent.
    case connect(String)
    /// The connection broke. `mayHaveBegun` is false only when no byte of the request can have reached the server.
    case reset(String, mayHaveBegun: Bool)
    case timeout(String, mayHaveBegun: Bool)
    /// The handshake failed or the certificate is not for this host: nothing was sent.
    case tls(String)
    /// The request cannot be sent as HTTP/1.1: nothing was sent.
    case unsendable(String)
    /// The answer is not HTTP/1.1.
    case malformed(String)
    case tooLarge(limitBytes: Int)
    case cancelled

    /// Whether the server may have seen the request.
    package var mayHaveBegun: Bool {
        switch self {
        case .connect, .tls, .unsendable: false
        case .reset(_, let mayHaveBegun), .timeout(_, let mayHaveBegun): mayHaveBegun
        case .malformed, .tooLarge, .cancelled: true
        }
    }
}

extension TransportError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .connect(let text), .reset(let text, _), .timeout(let text, _): text
        case .unsendable(let text), .malformed(let text): text
        case .tls(let text): "TLS: \(text)"
        case .tooLarge(let limitBytes): "the answer is larger than \(limitBytes) bytes"
        case .cancelled: "cancelled"
        }
    }
}
