import InferenceKeyWire

/// How quickly a line moves, to tell those who are turned away when to come back.
struct Pace: Sendable, Equatable {
    private var lastServed: Int64?
    /// The mean time between two that were served, the newest counting an eighth.
    private var meanMilliseconds: Double?

    /// Pauses longer than this say that nobody waited, not that the line was slow.
    static let longestPauseMilliseconds: Int64 = 10_000
    static let unknownMilliseconds = 1000
    static let leastMilliseconds = 100

    mutating func served(at now: Int64) {
        defer { lastServed = now }
        guard let lastServed, now - lastServed <= Self.longestPauseMilliseconds else { return }
        let pause = Double(max(0, now - lastServed))
        meanMilliseconds = meanMilliseconds.map { $0 + (pause - $0) / 8 } ?? pause
    }

    /// The time until the line has moved on by `ahead` and one.
    func estimate(ahead: Int) -> Int {
        guard let meanMilliseconds else { return Self.unknownMilliseconds }
        let time = Int((meanMilliseconds * Double(ahead + 1)).rounded(.up))
        return min(max(time, Self.leastMilliseconds), ServiceError.maxRetryAfterMilliseconds)
    }
}
