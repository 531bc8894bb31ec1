import Synchronization

/// A number that a task tells a test.
final class Counter: Sendable {
    private let number = Atomic<Int>(0)
    var value: Int { number.load(ordering: .relaxed) }
    func set(_ value: Int) { number.store(value, ordering: .relaxed) }
    func increment() { number.wrappingAdd(1, ordering: .relaxed) }
}
