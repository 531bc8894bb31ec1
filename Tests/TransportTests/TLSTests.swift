import LoopbackServer
import NIOSSL
import Testing

@testable import Transport

@Suite("TLS", .timeLimit(.minutes(5)))
struct TLSTests {
    /// A self-signed certificate for the name `localhost`, of no use anywhere else.
    static let directory = #filePath.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/Certificates"
    static let certificate = directory + "/localhost.pem"

    func server(
        _ script: @escaping LoopbackServer.Script = { _, reply in reply.answer(200, [], "ok") }
    ) async throws -> LoopbackServer {
        let chain = try NIOSSLCertificate.fromPEMFile(Self.certificate).map { NIOSSLCertificateSource.certificate($0) }
        let key = try NIOSSLPrivateKey(file: Self.directory + "/localhost.key", format: .pem)
        let configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain, privateKey: .privateKey(key))
        return try await LoopbackServer(tls: NIOSSLContext(configuration: configuration), script: script)
    }

    func request(_ server: LoopbackServer, _ method: String = "GET", host: String = "localhost") throws -> HTTPRequest {
        HTTPRequest(method, try #require(BaseURL("https://\(host):\(server.port)")), "/")
    }

    @Test("a trusted certificate for the host is accepted, and the connection kept")
    func trusted() async throws {
        let server = try await server()
        let client = HTTPClient(trustedCertificates: Self.certificate)
        for _ in 0..<3 { #expect(try await client.send(request(server)).body == Array("ok".utf8)) }
        #expect(server.record.accepted == 1)
    }

    @Test("an unknown authority is refused before anything is sent")
    func unknownAuthority() async throws {
        let server = try await server()
        await expectRefusal(HTTPClient(), try request(server, "POST"))
        #expect(server.record.requests.isEmpty)
    }

    @Test("a certificate for another name is refused before anything is sent")
    func otherName() async throws {
        let server = try await server()
        await expectRefusal(
            HTTPClient(trustedCertificates: Self.certificate), try request(server, "POST", host: "127.0.0.1"))
        #expect(server.record.requests.isEmpty)
    }

    @Test("a server without TLS is a TLS error")
    func plain() async throws {
        let server = try await LoopbackServer { _, reply in reply.answer() }
        await expectRefusal(HTTPClient(), try request(server), timeouts: HTTPTimeouts(connect: .milliseconds(200)))
    }

    @Test("why there is no secure connection is told without the library's own source")
    func reasons() async throws {
        let server = try await server()
        await #expect(
            throws: TransportError.tls(
                "no secure connection to localhost:\(server.port): its certificate has expired, or comes from an "
                    + "authority that this machine does not trust; add that authority to the machine's certificates")
        ) { try await HTTPClient().send(request(server)) }
        let other = try request(server, host: "127.0.0.1")
        await #expect(
            throws: TransportError.tls(
                "no secure connection to 127.0.0.1:\(server.port): its certificate is for another host; "
                    + "use the host name that the certificate has")
        ) { try await HTTPClient(trustedCertificates: Self.certificate).send(other) }
    }

    @Test(
        "a reason that is not known keeps its code alone",
        arguments: [
            (
                "handshakeFailed(NIOSSL.BoringSSLError.sslError([Error: 268436496 error:10000410:SSL routines:"
                    + "OPENSSL_internal:SSLV3_ALERT_HANDSHAKE_FAILURE at /home/x/tls_record.cc:592]))",
                "the handshake failed (SSLV3_ALERT_HANDSHAKE_FAILURE)"
            ),
            (
                "handshakeFailed(NIOSSL.BoringSSLError.sslError([Error:  EOF during handshake]))",
                "it ended the connection"
            ),
            ("something else", "the handshake failed"),
        ])
    func code(_ description: String, _ reason: String) {
        #expect(ConnectFailure.handshakeReason(description) == reason)
    }

    func expectRefusal(_ client: HTTPClient, _ request: HTTPRequest, timeouts: HTTPTimeouts? = nil) async {
        await #expect { _ = try await client.send(request, timeouts: timeouts) } throws: { error in
            switch error as? TransportError {
            case .tls, .timeout(_, mayHaveBegun: false): true
            default: false
            }
        }
    }
}
