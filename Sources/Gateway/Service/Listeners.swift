import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The listening sockets: one for each loop, all on one port, so that a connection is accepted by the loop that serves
/// it.
struct Listeners: Sendable {
    private var channels: [any Channel] = []

    /// The port they are bound to.
    var port: Int? { channels.first?.localAddress?.port }

    mutating func add(_ channel: any Channel) { channels.append(channel) }

    func close() async { for channel in channels { try? await channel.close() } }

    /// How many connections one turn of the loop accepts.
    private static let acceptsPerTurn: UInt = 256
    private static let backlog: CInt = 1024

    static func open(
        on loop: any EventLoop, lane: NIOLoopBound<Lane>, host: String, port: Int, limits: GatewayLimits,
        certificate: ServerCertificate?, sharesPort: Bool
    ) async throws -> any Channel {
        var bootstrap = ServerBootstrap(group: loop, childGroup: loop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: backlog)
            .serverChannelOption(.maxMessagesPerRead, value: acceptsPerTurn)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(
                .writeBufferWaterMark, value: .init(low: limits.writeBufferLowBytes, high: limits.writeBufferHighBytes)
            )
            .childChannelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 2048, maximum: 65_536)
            )
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptGuard(lane.value))
                }
            }
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let certificate {
                        try SecureGreeting.install(certificate, lane.value, on: channel)
                    } else {
                        try channel.pipeline.syncOperations.addHandler(ClientConnection(lane: lane.value))
                    }
                }
            }
        if sharesPort {
            bootstrap = bootstrap.serverChannelOption(
                .socketOption(NIOBSDSocket.Option(rawValue: CInt(SO_REUSEPORT))), value: 1)
        }
        return try await bootstrap.bind(host: host, port: port).get()
    }

    /// Throws when another program listens on the port: sockets that share a port would not notice.
    static func checkIsFree(on loop: any EventLoop, host: String, port: Int) async throws {
        guard port != 0 else { return }
        // It accepts nobody: who connects meanwhile is reset and comes again, instead of waiting where nobody answers.
        let probe = ServerBootstrap(group: loop).serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.autoRead, value: false)
        try await probe.bind(host: host, port: port).get().close()
    }
}
