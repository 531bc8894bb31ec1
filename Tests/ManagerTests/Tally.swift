import Synchronization

/// Keeps numbers in the order in which they come.
final class Tally: Sendable {
    private let numbers = Mutex<[Int]>([])
    func add(_ number: Int) { numbers.withLock { $0.append(number) } }
    var counts: [Int] { numbers.withLock { $0 } }
}
