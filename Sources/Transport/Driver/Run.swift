import NIOCore

/// One request's turn on a connection. Lives on the connection's event loop.
final class Run {
    let exchange: Exchange
    /// How long the server says it keeps the connection.
    private(set) var keepAlive: Duration?
    var isWritten = false
    /// The connection ended without a TLS close.
    var isCut = false
    private let reused: Bool
    private var parser: HTTPResponseParser
    private var sawByte = false
    private var lastRead = NIODeadline.now()
    private var idleTimer: Scheduled<Void>?

    init(exchange: Exchange, reused: Bool) {
        self.exchange = exchange
        self.reused = reused
        parser = HTTPResponseParser(method: exchange.order.method)
    }

    func read(_ bytes: [UInt8]) throws(TransportError) -> [HTTPResponseParser.Event] {
        sawByte = sawByte || !bytes.isEmpty
        lastRead = .now()
        return try parser.read(bytes)
    }

    func receive(_ head: HTTPHead, on loop: any EventLoop) {
        keepAlive = KeepAlive.announced(in: head)
        exchange.receive(head)
        if !parser.isEnded { watchIdle(on: loop, after: TimeAmount(exchange.order.timeouts.idle)) }
    }

    func end() {
        idleTimer?.cancel()
        idleTimer = nil
    }

    func fail(_ error: TransportError) {
        end()
        exchange.fail(error)
    }

    func connectionEnded() {
        end()
        do throws(TransportError) {
            guard !isCut || parser.isEnded else {
                throw .reset("the TLS connection ended in the middle of the answer", mayHaveBegun: true)
            }
            for case .end in try parser.finish() { exchange.finish() }
        } catch {
            exchange.fail(error, stale: reused && !sawByte)
        }
    }

    func connectionFailed(_ error: any Error) {
        end()
        exchange.fail(.reset("the connection failed: \(error)", mayHaveBegun: true), stale: reused && !sawByte)
    }

    /// Looks again when the silence could have lasted long enough; one timer a request, not one a read.
    private func watchIdle(on loop: any EventLoop, after delay: TimeAmount) {
        idleTimer = loop.assumeIsolated().scheduleTask(in: delay) {
            let limit = TimeAmount(self.exchange.order.timeouts.idle)
            let silence = self.exchange.isPaused ? .zero : NIODeadline.now() - self.lastRead
            if silence < limit {
                self.watchIdle(on: loop, after: limit - silence)
            } else {
                self.exchange.expire("the server sent nothing for \(self.exchange.order.timeouts.idle)")
            }
        }
    }
}
