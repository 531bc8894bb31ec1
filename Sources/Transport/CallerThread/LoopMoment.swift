import CSockets

/// A moment of the machine's monotonic clock, in nanoseconds.
package struct LoopMoment: Sendable, Hashable, Comparable {
    package var nanoseconds: Int64

    package static var now: LoopMoment { LoopMoment(nanoseconds: csockets_now()) }

    package static func + (moment: LoopMoment, duration: Duration) -> LoopMoment {
        let (seconds, attoseconds) = duration.components
        let limit = Int64.max / 4
        guard seconds < limit / 1_000_000_000 else { return LoopMoment(nanoseconds: limit) }
        return LoopMoment(nanoseconds: moment.nanoseconds &+ seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000)
    }

    /// The first of as many equal steps to the other moment.
    func moved(to end: LoopMoment, over steps: Int) -> LoopMoment {
        LoopMoment(nanoseconds: nanoseconds + (end.nanoseconds - nanoseconds) / Int64(max(1, steps)))
    }

    package static func < (left: LoopMoment, right: LoopMoment) -> Bool { left.nanoseconds < right.nanoseconds }

    /// How long it is from now, in whole milliseconds that are not too few; -1 for no moment at all.
    static func milliseconds(until moment: LoopMoment?) -> Int32 {
        guard let moment else { return -1 }
        let left = moment.nanoseconds - now.nanoseconds
        return left <= 0 ? 0 : Int32(clamping: (left + 999_999) / 1_000_000)
    }
}
