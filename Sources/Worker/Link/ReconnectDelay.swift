/// How long to wait before trying again: 1, 2, 4, then 5 s each time.
package struct ReconnectDelay: Sendable, Hashable {
    private var tries = 0

    package init() {}

    package mutating func next() -> Duration {
        defer { tries += 1 }
        return .seconds(min(5, 1 << min(tries, 3)))
    }

    package mutating func reset() { tries = 0 }
}
