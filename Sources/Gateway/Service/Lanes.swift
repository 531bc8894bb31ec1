import Fleet
import InferenceKeyWire
import Logging
import NIOCore
import NIOPosix

/// All loops of one Gateway, and how to reach into each from outside: by sending it work, never by sharing.
struct Lanes: Sendable {
    private struct Handle: Sendable {
        let loop: any EventLoop
        let lane: NIOLoopBound<Lane>
    }

    private let handles: [Handle]

    /// Makes one lane on each loop of the group and starts its sweep.
    static func start(
        on group: MultiThreadedEventLoopGroup, configuration: GatewayConfiguration, logger: Logger, links: LaneLinks,
        ledger: UsageLedger
    ) async throws -> Lanes {
        var handles: [Handle] = []
        for (index, loop) in group.makeIterator().enumerated() {
            let seed = UInt64.random(in: .min ... .max)
            let bound = try await loop.submit {
                let lane = Lane(
                    loop: loop, limits: configuration.limits, logger: logger, control: configuration.controlUpstream,
                    links: links, seed: seed)
                lane.usage = LaneUsage(lane: index, book: ledger.makeBook(lane: index))
                lane.sweep()
                return NIOLoopBound(lane, eventLoop: loop)
            }.get()
            handles.append(Handle(loop: loop, lane: bound))
        }
        return Lanes(handles: handles)
    }

    var count: Int { handles.count }

    /// Opens a listener on each loop. The first finds the port if it is 0; the others share it.
    func listen(_ configuration: GatewayConfiguration, _ certificate: ServerCertificate?) async throws -> Listeners {
        var listeners = Listeners()
        for handle in handles {
            let port = listeners.port ?? configuration.port
            let channel = try await Listeners.open(
                on: handle.loop, lane: handle.lane, host: configuration.host, port: port, limits: configuration.limits,
                certificate: certificate, sharesPort: handles.count > 1)
            listeners.add(channel)
        }
        return listeners
    }

    /// Swaps the tables in on every loop; all serve by them when this returns.
    func apply(_ makeSnapshot: () -> TableSnapshot) async throws {
        let pending = handles.map { handle in
            let snapshot = makeSnapshot()
            return handle.loop.submit { handle.lane.value.apply(snapshot) }
        }
        for future in pending { try await future.get() }
    }

    func collectUsage(at time: Timestamp) async throws -> LaneDelta {
        var delta = LaneDelta()
        for handle in handles {
            delta.add(try await handle.loop.submit { handle.lane.value.usage.collect(at: time) }.get())
        }
        return delta
    }

    /// The sum over all loops, on `loop`.
    func figures(on loop: any EventLoop) -> EventLoopFuture<GatewayFigures> {
        let each = handles.map { handle in
            handle.loop.submit {
                let lane = handle.lane.value
                return GatewayFigures(
                    counters: lane.counters, connections: lane.connectionCount, series: lane.series.figures,
                    telemetry: lane.links.telemetry?.counters.figures)
            }
        }
        return EventLoopFuture.whenAllSucceed(each, on: loop).map { all in
            all.reduce(into: GatewayFigures()) { $0.add($1) }
        }
    }

    /// Closes what is idle and waits until no client is left; false when that takes longer than `limit`.
    func drain(within limit: TimeAmount) async throws -> Bool {
        guard let loop = handles.first?.loop else { return true }
        let each = handles.map { handle in handle.loop.flatSubmit { handle.lane.value.drain() } }
        let ended = loop.makePromise(of: Bool.self)
        EventLoopFuture.andAllComplete(each, on: loop).whenComplete { _ in ended.succeed(true) }
        let deadline = loop.scheduleTask(in: limit) { ended.succeed(false) }
        defer { deadline.cancel() }
        return try await ended.futureResult.get()
    }

    /// Ends what is still open; gives how many requests that were.
    func cut() async throws -> Int {
        var count = 0
        for handle in handles {
            count += try await handle.loop.submit { handle.lane.value.cut() }.get()
        }
        return count
    }

    /// What was noted of requests that are over goes to whoever writes it.
    func handOver() async throws {
        for handle in handles { try await handle.loop.submit { handle.lane.value.telemetry?.handOver() }.get() }
    }

    func closeAll() async throws {
        for handle in handles { try await handle.loop.submit { handle.lane.value.closeAll() }.get() }
    }
}
