import InferenceKeyWire
import NIOCore

/// What a loop asks of the rest of the Gateway.
struct LaneLinks: Sendable {
    /// Which workloads have series of their own.
    var labels = LabelSets()
    /// Nil when nothing is logged or traced.
    var telemetry: Telemetry?
    /// The wall clock.
    var now: @Sendable () -> Timestamp
    /// A draining replica has no open request left.
    var replicaDrained: @Sendable () -> Void
    /// Whether the Gateway can serve, for `/readyz`.
    var isReady: @Sendable () -> Bool
    /// The text of `/metrics`, made on that loop's behalf.
    var metrics: @Sendable (any EventLoop) -> EventLoopFuture<String>
}
