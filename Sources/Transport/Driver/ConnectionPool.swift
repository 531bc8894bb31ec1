import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Keeps idle connections by host, last used first out, and opens new ones.
final class ConnectionPool: Sendable {
    private struct State: Sendable {
        var processID: Int32
        /// Nil until the first connection is wanted: no thread starts before.
        var group: (any EventLoopGroup)?
        var idle: [Origin: [Connection]] = [:]
        /// Every open connection, idle or not.
        var open: [ObjectIdentifier: any Channel] = [:]
        var isClosed = false
    }

    private let limits: PoolLimits
    private let security: TransportSecurity
    private let names: NameService
    private let processID: @Sendable () -> Int32
    private let state: Mutex<State>

    init(
        limits: PoolLimits = .init(), security: TransportSecurity = .init(), names: NameService = .shared,
        processID: @escaping @Sendable () -> Int32 = { getpid() }
    ) {
        self.limits = limits
        self.security = security
        self.names = names
        self.processID = processID
        state = Mutex(State(processID: processID()))
    }

    /// Runs the exchange on a kept connection, or on a new one.
    func run(_ exchange: Exchange, mayReuse: Bool) {
        do throws(TransportError) {
            let (group, kept) = try checkOut(exchange.order.origin, mayReuse: mayReuse)
            exchange.startTimer(on: group.any())
            carry(exchange, on: kept, group: group)
        } catch { exchange.fail(error) }
    }

    /// Takes back a connection whose answer has been read.
    func keep(_ connection: Connection) {
        let surplus: Connection? = state.withLock { state in
            guard !state.isClosed, state.open[ObjectIdentifier(connection.channel)] != nil else { return connection }
            var idle = state.idle.removeValue(forKey: connection.origin) ?? []
            defer { state.idle[connection.origin] = idle }
            idle.append(connection)
            guard idle.count > limits.maxIdlePerHost || idle[0].expires < .now() else { return nil }
            return idle.removeFirst()
        }
        surplus?.channel.close(promise: nil)
    }

    /// A connection has closed.
    func forget(_ channel: any Channel, of origin: Origin) {
        state.withLock { state in
            state.open[ObjectIdentifier(channel)] = nil
            state.idle[origin]?.removeAll { $0.channel === channel }
            if state.idle[origin]?.isEmpty == true { state.idle[origin] = nil }
        }
    }

    /// How many connections wait for use.
    var idleCount: Int { state.withLock { $0.idle.values.reduce(0) { $0 + $1.count } } }

    func close() { for channel in closing() { channel.close(promise: nil) } }

    func shutdown() async {
        let channels = closing()
        for channel in channels { channel.close(promise: nil) }
        for channel in channels { try? await channel.closeFuture.get() }
    }

    private func closing() -> [any Channel] {
        state.withLock { state in
            state.isClosed = true
            state.idle = [:]
            defer { state.open = [:] }
            return state.processID == processID() ? Array(state.open.values) : []
        }
    }

    /// The best of the kept connections, if one is worth trying. Throws when the pool is closed.
    private func checkOut(
        _ origin: Origin, mayReuse: Bool
    ) throws(TransportError) -> (group: any EventLoopGroup, kept: Connection?) {
        let now = NIODeadline.now()
        var expired: [Connection] = []
        let result = try state.withLock {
            state throws(TransportError) -> (group: any EventLoopGroup, kept: Connection?) in
            guard !state.isClosed else { throw .connect("the client has been shut down") }
            Self.leaveParent(&state, processID: processID())
            let group: any EventLoopGroup
            if let own = state.group { group = own } else { group = try ProcessLoops.group(of: state.processID) }
            state.group = group
            guard mayReuse else { return (group, nil) }
            while let connection = state.idle[origin]?.popLast() {
                if connection.expires > now { return (group, connection) }
                expired.append(connection)
            }
            return (group, nil)
        }
        for connection in expired { connection.channel.close(promise: nil) }
        return result
    }

    /// In the child of a `fork` the parent's connections and loops are not ours to touch: start anew.
    private static func leaveParent(_ state: inout State, processID: Int32) {
        guard state.processID != processID else { return }
        state.processID = processID
        state.group = nil
        state.idle = [:]
        state.open = [:]
    }

    private func carry(_ exchange: Exchange, on kept: Connection?, group: any EventLoopGroup) {
        guard let kept else { return connect(for: exchange, group: group) }
        kept.channel.eventLoop.execute {
            if kept.handler.value.begin(exchange, reused: true) { return }
            // It was closed while it lay idle: nothing has been sent, try the next.
            do throws(TransportError) {
                let (group, next) = try self.checkOut(kept.origin, mayReuse: true)
                self.carry(exchange, on: next, group: group)
            } catch { exchange.fail(error) }
        }
    }

    private func connect(for exchange: Exchange, group: any EventLoopGroup) {
        let origin = exchange.order.origin
        let limit = exchange.order.timeouts.connect
        let deadline = NIODeadline.now() + TimeAmount(limit)
        let makeTLS: @Sendable () throws -> NIOSSLClientHandler?
        do throws(TransportError) {
            makeTLS = try security.handlerMaker(for: origin)
        } catch { return exchange.fail(error) }
        let candidates = Candidates()
        let loop = group.next()
        let bootstrap = ClientBootstrap(group: loop)
            .resolver(PoolResolver(names: names, loop: loop))
            .connectTimeout(TimeAmount(limit))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls = try makeTLS() { try pipeline.addHandler(tls) }
                    let handler = ConnectionHandler(origin: origin, pool: self)
                    candidates.add(handler, of: channel)
                    try pipeline.addHandler(handler)
                }
            }
        // An address needs no look-up.
        let address = try? SocketAddress(ipAddress: origin.host, port: origin.port)
        (address.map { bootstrap.connect(to: $0) } ?? bootstrap.connect(host: origin.host, port: origin.port))
            .whenComplete { result in
                switch result {
                case .failure(let error): exchange.fail(ConnectFailure.connect(error, to: origin, limit: limit))
                case .success(let channel):
                    guard let handler = candidates.take(channel) else { return }
                    self.opened(channel, handler, for: exchange, deadline: deadline)
                }
            }
    }

    private func opened(
        _ channel: any Channel, _ handler: ConnectionHandler, for exchange: Exchange, deadline: NIODeadline
    ) {
        let isWanted = state.withLock { state in
            guard !state.isClosed else { return false }
            state.open[ObjectIdentifier(channel)] = channel
            return true
        }
        guard isWanted else {
            channel.close(promise: nil)
            return exchange.fail(.connect("the client has been shut down"))
        }
        guard handler.begin(exchange, reused: false) else {
            forget(channel, of: exchange.order.origin)
            return exchange.fail(handler.failure)
        }
        if exchange.order.origin.isSecure {
            channel.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { handler.expireHandshake() }
        }
    }
}
