import InferenceKeyWire

/// Time since a start, told as the time of day it was at the start: two moments of it are as far apart as they really
/// were, whoever sets the machine's clock.
struct SteadyTime: Sendable {
    static let shared = SteadyTime()
    private let began = ContinuousClock.now
    private let timeOfDay = Timestamp.now

    var now: @Sendable () -> Timestamp {
        { [self] in
            let passed = (ContinuousClock.now - began).components
            let milliseconds = passed.seconds * 1000 + passed.attoseconds / 1_000_000_000_000_000
            return Timestamp(milliseconds: timeOfDay.milliseconds + milliseconds)
        }
    }
}
