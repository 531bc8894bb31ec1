import NIOCore
import NIOPosix

/// Hands the addresses that a ``NameService`` finds to the event loops.
struct PoolResolver: Resolver, Sendable {
    let names: NameService
    let loop: any EventLoop

    func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> { query(host, port, .inet) }
    func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> { query(host, port, .inet6) }
    func cancelQueries() {}

    private func query(
        _ host: String, _ port: Int, _ family: NIOBSDSocket.ProtocolFamily
    ) -> EventLoopFuture<[SocketAddress]> {
        let promise = loop.makePromise(of: [SocketAddress].self)
        names.addresses(of: host) { answer in
            // They are numeric: this asks nobody.
            switch answer {
            case .success(let addresses):
                let found = addresses.compactMap { try? SocketAddress.makeAddressResolvingHost($0, port: port) }
                promise.succeed(found.filter { $0.protocol == family })
            case .failure(let error): promise.fail(error)
            }
        }
        return promise.futureResult
    }
}
