import NIOCore
import Synchronization

/// The one object that the event loop and the caller's task share: ``ExchangeState`` behind a lock.
final class Exchange: Sendable {
    let order: Order
    private let state: Mutex<ExchangeState>

    init(order: Order, delivery: Delivery) {
        self.order = order
        state = Mutex(ExchangeState(delivery: delivery))
    }

    /// Starts the exchange and waits for its head, or for all of it where it is delivered whole.
    func head(startedBy start: @Sendable () -> Void) async -> Result<HTTPHead, TransportError> {
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                perform { $0.wait(waiter) }
                start()
            }
        } onCancel: {
            cancel()
        }
    }

    func next() async -> Result<[UInt8]?, TransportError> {
        if let (result, effects) = state.withLock({ $0.take() }) {
            effects.perform()
            return result
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in perform { $0.wait(waiter) } }
        } onCancel: {
            cancel()
        }
    }

    func takeBody() -> [UInt8] { state.withLock { $0.takeBody() } }
    func cancel() { perform { $0.cancel() } }

    /// How long a connection may still take to bring the rest of an answer that nobody wants any more.
    static let releaseGrace = TimeAmount.seconds(1)

    func release() {
        let (rest, effects) = state.withLock { $0.release() }
        effects.perform()
        guard let rest else { return }
        let timer = rest.eventLoop.scheduleTask(in: Self.releaseGrace) { self.expire("the rest did not come") }
        perform { $0.keep(timer) }
    }

    /// Whether it failed on a kept connection before the first byte of an answer.
    var wasStale: Bool { state.withLock { $0.isStale } }

    /// Whether the consumer is behind, so that silence is not the server's fault.
    var isPaused: Bool { state.withLock { $0.isPaused } }

    /// Starts the timer of the whole request.
    func startTimer(on loop: any EventLoop) {
        guard let deadline = order.deadline, let total = order.timeouts.total else { return }
        let timer = loop.scheduleTask(deadline: deadline) { self.expire("no answer within \(total)") }
        perform { $0.keep(timer) }
    }

    /// The deadline of the whole request, which the head of a stream has met, holds for its body too.
    func holdDeadline() {
        if let loop = state.withLock({ $0.eventLoop }) { startTimer(on: loop) }
    }

    func send(on channel: any Channel) -> Bool { state.withLock { $0.send(on: channel) } }
    func receive(_ head: HTTPHead) { perform { $0.receive(head) } }

    func receive(_ bytes: [UInt8]) -> ExchangeState.Flow {
        let (flow, effects) = state.withLock { $0.receive(bytes) }
        effects.perform()
        return flow
    }

    func finish() { perform { $0.finish() } }
    func expire(_ what: String) { perform { $0.expire(what) } }

    func fail(_ error: TransportError, stale: Bool = false) {
        perform { $0.fail(error, closing: true, stale: stale) }
    }

    private func perform(_ transition: (inout ExchangeState) -> ExchangeState.Effects) {
        state.withLock { transition(&$0) }.perform()
    }
}

extension ExchangeState.Effects {
    fileprivate func perform() {
        timer?.cancel()
        close?.close(promise: nil)
        read?.setOption(.autoRead, value: true).whenFailure { _ in }
        if let head { head.waiter.resume(returning: head.result) }
        if let piece { piece.waiter.resume(returning: piece.result) }
    }
}
