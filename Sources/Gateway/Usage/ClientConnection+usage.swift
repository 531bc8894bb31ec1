import Fleet
import InferenceKeyWire
import NIOCore

// The one place where requests are metered: booked when their endpoint is known, settled when they end.
extension ClientConnection {
    func bookUsage(of endpoint: Endpoint) {
        guard let key = request.key else { return }
        request.booking = lane.usage.open(key: key, endpoint: endpoint, at: lane.wall)
    }

    /// A burst of an answer has been passed on.
    @inline(__always)
    func noteUsage() {
        guard let booking = request.booking, let tap = answer.tap, tap.isEventStream else { return }
        lane.usage.note(tap.counted, of: booking)
    }

    /// - Parameter end: how the request ended. Where an engine was cut short before it said what it used, that is an
    ///   estimate, be it nothing.
    func settleUsage(_ figures: UsageFigures, _ end: RequestEnd, failed: Bool, nanoseconds: Int64) {
        guard let booking = request.booking else { return }
        request.booking = nil
        var figures = figures
        let wasCut = end == .cut || end == .clientLeft && request.sentAt > .distantPast
        if wasCut, figures.tokensIn == 0, figures.tokensOut == 0 { figures.isEstimated = true }
        lane.usage.settle(
            booking, figures: figures, failed: failed, milliseconds: nanoseconds / 1_000_000, at: lane.wall)
    }
}
