import Fleet
import NIOCore

/// One request of the data plane: what was read of it, where it may go, what became of it.
struct DataRequest {
    var started = NIODeadline.distantPast
    /// From admission until it is settled: exactly one settlement for each request that was opened.
    var isOpen = false
    var method = Method.get
    var keepsAlive = true
    var expectsContinue = false
    var content = RequestHead.Content.other
    var body = RequestBody(.none)
    var bodyDeadline = NIODeadline.distantFuture
    /// Bytes of the body that count against the loop's budget.
    var heldBytes = 0

    var forwarded = ForwardedHead()

    var key: KeyEntry?
    var endpoint: Endpoint?
    /// Where its usage is settled, once its endpoint is known.
    var booking: LaneUsage.Booking?
    var isMetered = false
    /// The workload's meter, if it was entered.
    var workloadMeter: KeyMeter?
    var rate: RateState?

    /// Where the model's name stands in the body.
    var model: Range<Int>?
    /// Where the boundary is found; only for multipart bodies.
    var contentType: [UInt8] = []
    var asksForUsage = false
    /// Which tokens its answer tells.
    var tokens = DataRoute.Tokens.none
    /// Tokens of its prompt, about, should the engine not say.
    var promptTokens = 0
    /// Where the part of the body begins that an engine reads as the prompt.
    var promptStart = 0
    /// The session it says it belongs to, as a number.
    var session: UInt64?

    var replica: Replica?
    /// How it goes says whether the replica is well again.
    var isProbe = false
    /// Its place in the line, while every replica is full.
    var ticket: WaitingRoom.Ticket?
    var room: WaitingRoom?
    /// The number of its wait among those of the loop.
    var wait: UInt64 = 0
    var queuedAt = NIODeadline.distantPast
    /// Replicas that refused this request before they began with it.
    var tried: [Replica] = []
    /// The next try goes over a new connection.
    var needsFreshConnection = false
    var isOnKeptConnection = false
    var sentAt = NIODeadline.distantPast
    var status = 0

    /// Where it is counted, once its endpoint is known.
    var series: WorkloadSeries?
    /// How it ended, where that is not told by how far it came.
    var end: RequestEnd?
    /// Whether an engine's answer is being passed on.
    var hasAnswer = false
    /// When the first bytes of a stream came, and the first event with text.
    var firstChunkAt: NIODeadline?
    var firstTextAt: NIODeadline?
    /// Of its body, as far as it was read.
    var bytesIn = 0
    /// Written to its client, with head and framing.
    var bytesOut = 0
    /// Nil when nothing is logged or traced.
    var story: RequestStory?
}
