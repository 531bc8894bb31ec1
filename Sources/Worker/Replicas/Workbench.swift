/// Runs pieces of work that come up one by one, all of them as children of ``run()``.
package final class Workbench: Sendable {
    private let jobs: AsyncStream<@Sendable () async -> Void>
    private let intake: AsyncStream<@Sendable () async -> Void>.Continuation

    package init() { (jobs, intake) = AsyncStream.makeStream() }

    package func add(_ job: @escaping @Sendable () async -> Void) { intake.yield(job) }

    /// Ends when its task is cancelled; the pieces of work are cancelled then.
    package func run() async {
        await withDiscardingTaskGroup { group in
            for await job in jobs { group.addTask { await job() } }
            group.cancelAll()
        }
    }
}
