import NIOSSL
import Synchronization

/// TLS as a client: full verification of chain and host name. Built only when the first `https` connection is made.
final class TransportSecurity: Sendable {
    private let trustedCertificates: String?
    private let context = Mutex<NIOSSLContext?>(nil)

    init(trustedCertificates: String? = nil) { self.trustedCertificates = trustedCertificates }

    /// Makes the handler for each connection to the origin; nil ones for plain `http`.
    func handlerMaker(for origin: Origin) throws(TransportError) -> @Sendable () throws -> NIOSSLClientHandler? {
        guard origin.isSecure else { return { nil } }
        let context = try shared()
        // An address is checked against the certificate's addresses; only a name is sent as SNI.
        let name = Self.isAddress(origin.host) ? nil : origin.host
        return { try NIOSSLClientHandler(context: context, serverHostname: name) }
    }

    /// Whether the peer closed the connection without saying so in TLS.
    static func isUncleanEnd(_ error: any Error) -> Bool {
        if case NIOSSLError.uncleanShutdown = error { true } else { false }
    }

    private func shared() throws(TransportError) -> NIOSSLContext {
        do {
            return try context.withLock { context in
                if let context { return context }
                var configuration = TLSConfiguration.makeClientConfiguration()
                configuration.applicationProtocols = ["http/1.1"]
                if let trustedCertificates { configuration.trustRoots = .file(trustedCertificates) }
                let made = try NIOSSLContext(configuration: configuration)
                context = made
                return made
            }
        } catch {
            throw .tls("the certificates to trust cannot be loaded: \(error)")
        }
    }

    private static func isAddress(_ host: String) -> Bool {
        host.contains(":") || host.split(separator: ".").allSatisfy { $0.allSatisfy(\.isNumber) }
    }
}
