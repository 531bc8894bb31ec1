/// Makes ids of traces and spans (SplitMix64), none of them zero.
struct TraceIDs {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed >> 31
        return mixed == 0 ? 1 : mixed
    }
}

/// Decides by a trace's id whether it is sampled, so that every Gateway with the same ratio decides alike.
struct TraceSampler: Sendable, Hashable {
    /// Of the lower 56 bits of a trace id, which are random.
    private let threshold: UInt64

    /// - Parameter ratio: the share that is sampled, 0 to 1.
    init(ratio: Double) { threshold = UInt64(max(0, min(1, ratio)) * Double(UInt64(1) << 56)) }

    func samples(_ traceLow: UInt64) -> Bool { traceLow & ((1 << 56) - 1) < threshold }
}
