import Synchronization

/// A piece of work that can be called off. It runs as a child of whoever runs it: nothing is detached.
final class Leash: Sendable {
    private let ends: AsyncStream<Void>
    private let end: AsyncStream<Void>.Continuation
    private let wasCut = Atomic(false)

    init() { (ends, end) = AsyncStream.makeStream() }

    /// Set before the work notices: what it still reports is out of date.
    var isCut: Bool { wasCut.load(ordering: .acquiring) }

    func cut() {
        wasCut.store(true, ordering: .releasing)
        end.finish()
    }

    /// Runs `work` until it ends or is called off; then its task is cancelled and waited for.
    func run(_ work: @escaping @Sendable () async -> Void) async {
        await withTaskGroup { group in
            group.addTask { await work() }
            group.addTask { [ends] in for await _ in ends {} }
            await group.next()
            group.cancelAll()
        }
    }
}
