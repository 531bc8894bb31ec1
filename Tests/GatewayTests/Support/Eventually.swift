import Testing

struct NeverHappened: Error, CustomStringConvertible {
    var description: String
}

/// Waits until `look` gives something. Throws when that takes longer than a minute.
func eventually<Value: Sendable>(
    _ what: String, within limit: Duration = .seconds(60), _ look: () async throws -> Value?
) async throws -> Value {
    let clock = ContinuousClock()
    let end = clock.now + limit
    while clock.now < end {
        if let value = try await look() { return value }
        try await clock.sleep(for: .milliseconds(2))
    }
    throw NeverHappened(description: "never happened: \(what)")
}

/// Waits until a condition holds.
func eventually(_ what: String, within limit: Duration = .seconds(60), holds look: () async throws -> Bool) async throws
{
    _ = try await eventually(what, within: limit) { try await look() ? true : nil }
}
