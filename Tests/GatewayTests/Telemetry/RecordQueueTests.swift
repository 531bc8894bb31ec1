import Synchronization
import Testing

@testable import Gateway

@Suite("what waits to be told")
struct RecordQueueTests {
    private func piece(_ count: Int) -> [RequestRecord] { Array(repeating: .sample, count: count) }

    @Test("a queue takes as much as it may and counts the rest")
    func bounded() {
        let wakes = Atomic<Int>(0)
        let queue = RecordQueue(limit: 10) { wakes.wrappingAdd(1, ordering: .relaxed) }
        for count in [4, 0, 6, 1, 3] { queue.add(piece(count)) }
        #expect(wakes.load(ordering: .relaxed) == 4)
        let (pieces, dropped) = queue.take()
        #expect(pieces.map(\.count) == [4, 6])
        #expect(dropped == 4)
        queue.add(piece(10))
        let next = queue.take()
        #expect(next.pieces.map(\.count) == [10] && next.dropped == 0)
    }

    @Test("the spans of a collector that is away wait up to a limit, the oldest first")
    func backlog() {
        var backlog = SpanBacklog(limit: 3)
        var records = piece(4)
        for index in records.indices { records[index].status = index }
        #expect(backlog.add(records).map(\.status) == [3])
        let batch = backlog.takeBatch()
        #expect(batch.map(\.status) == [0, 1, 2])
        #expect(backlog.isEmpty)
        var later = RequestRecord.sample
        later.status = 9
        #expect(backlog.add([later]).isEmpty)
        #expect(backlog.putBack(batch).map(\.status) == [9])
        #expect(backlog.takeAll().map(\.status) == [0, 1, 2])
    }

    @Test("a batch has a limit of its own")
    func batches() {
        var backlog = SpanBacklog()
        _ = backlog.add(piece(SpanBacklog.maxBatch + 1))
        #expect(backlog.hasBatch)
        #expect(backlog.takeBatch().count == SpanBacklog.maxBatch)
        #expect(!backlog.hasBatch && !backlog.isEmpty)
    }
}
