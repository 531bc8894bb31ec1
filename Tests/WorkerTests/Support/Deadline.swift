import Testing

/// Waits until a condition holds, at most `seconds`; then the test fails.
func eventually(
    within seconds: Int = 60, _ what: Comment, at location: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async rethrows {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
        if try await condition() { return }
        try? await Task.sleep(for: .milliseconds(5))
    }
    Issue.record(what, sourceLocation: location)
}
