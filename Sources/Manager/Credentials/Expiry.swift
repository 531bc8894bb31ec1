import InferenceKeyWire

/// When a new credential ends, as a request may say it.
enum Expiry {
    /// Ten years, seconds: a longer life is a slip.
    static let maxSeconds = 315_360_000

    static let members: [(String, Schema)] = [
        ("expires_at", .nullable(.time)), ("expires_in_seconds", .integer(1...maxSeconds)),
    ]

    /// Reads `expires_at` or `expires_in_seconds`; nil when neither is given.
    static func read(_ fields: inout JSONFields, now: Timestamp) -> Timestamp? {
        let at = fields.timestamp("expires_at")
        let seconds = fields.int("expires_in_seconds", in: 1...maxSeconds)
        if at != nil, seconds != nil {
            fields.reject("expires_at", "stands beside expires_in_seconds; give one of them")
        }
        if let at, at <= now { fields.reject("expires_at", "must be in the future") }
        return at ?? seconds.map { now.adding(seconds: $0) }
    }
}
