import Fleet
import FleetTesting
import InferenceKeyWire
import Manager
import Testing

@Suite("The ledger")
struct LedgerTests {
    private struct Refused: Error {}

    private func tenant(_ slug: String, in draft: inout FleetDraft) {
        draft.apply(.putTenant(Tenant(id: ID("tn_\(slug)"), slug: slug, createdAt: draft.now)))
    }

    @Test("publishes a decision only once it is durable")
    func durableFirst() async throws {
        let store = MemoryStore()
        let ledger = try await FleetLedger(store: store, ids: .system)
        await store.hold()
        try await withThrowingTaskGroup { group in
            group.addTask { try await ledger.transact(as: "a") { tenant("one", in: &$0) } }
            while await !store.isWaiting { await Task.yield() }
            #expect(ledger.current.tenants.isEmpty)
            await store.release()
            try await group.waitForAll()
        }
        #expect(ledger.current.tenants.count == 1)
    }

    @Test("commits decisions that wait together, in one transaction")
    func groupCommit() async throws {
        let store = MemoryStore()
        let ledger = try await FleetLedger(store: store, ids: .system)
        await store.hold()
        try await withThrowingTaskGroup { group in
            group.addTask { try await ledger.transact(as: "a") { tenant("first", in: &$0) } }
            while await !store.isWaiting { await Task.yield() }
            for number in 0..<20 {
                group.addTask { try await ledger.transact(as: "a") { tenant("t\(number)", in: &$0) } }
            }
            while ledger.waitingCount < 20 { await Task.yield() }
            await store.release()
            try await group.waitForAll()
        }
        #expect(await store.commits == [1, 20])
        #expect(ledger.current.tenants.count == 21)
        #expect(ledger.statistics.decisions == 21)
    }

    @Test("leaves nothing of a decision that throws, and all of its neighbours")
    func throwing() async throws {
        let store = MemoryStore()
        let ledger = try await FleetLedger(store: store, ids: .system)
        await store.hold()
        try await withThrowingTaskGroup { group in
            group.addTask { try await ledger.transact(as: "a") { tenant("first", in: &$0) } }
            while await !store.isWaiting { await Task.yield() }
            for number in 0..<9 {
                group.addTask {
                    do {
                        try await ledger.transact(as: "a") { draft in
                            tenant("t\(number)", in: &draft)
                            if number.isMultiple(of: 3) { throw Refused() }
                        }
                        #expect(!number.isMultiple(of: 3))
                    } catch is Refused {
                        #expect(number.isMultiple(of: 3))
                    }
                }
            }
            while ledger.waitingCount < 9 { await Task.yield() }
            await store.release()
            try await group.waitForAll()
        }
        let stored = await store.load()
        #expect(ledger.current.tenants.count == 7)
        #expect(stored == ledger.current)
    }

    @Test("lets a later decision of a batch see an earlier one")
    func inOrder() async throws {
        let ledger = try await FleetLedger(store: MemoryStore(), ids: .system)
        try await withThrowingTaskGroup { group in
            for _ in 0..<200 {
                group.addTask {
                    try await ledger.transact(as: "a") { draft in
                        let count = draft.state.tenants.count
                        draft.apply(.putTenant(Tenant(id: ID("tn_\(count)"), slug: "t", createdAt: draft.now)))
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(ledger.current.tenants.count == 200)
    }

    @Test("fails every decision of a batch that cannot be made durable, and goes on")
    func failingStore() async throws {
        let store = MemoryStore()
        let ledger = try await FleetLedger(store: store, ids: .system)
        try await ledger.transact(as: "a") { tenant("one", in: &$0) }
        await store.failNextCommit(with: ServiceError(.storageFull, "full"))
        let error = await #expect(throws: ServiceError.self) {
            try await ledger.transact(as: "a") { tenant("two", in: &$0) }
        }
        #expect(error?.code == .storageFull)
        #expect(ledger.current.tenants.count == 1)
        try await ledger.transact(as: "a") { tenant("three", in: &$0) }
        #expect(Set(ledger.current.tenants.values.map(\.slug)) == ["one", "three"])
        let stored = await store.load()
        #expect(stored == ledger.current)
    }

    @Test("writes who acted into the audit log, and calls its observers in order")
    func auditAndObservers() async throws {
        let store = MemoryStore()
        let ledger = try await FleetLedger(store: store, ids: .system)
        let seen = Tally()
        ledger.observe { changes in seen.add(changes.count) }
        for number in 1...3 {
            try await ledger.transact(as: "ik_admin_0a1b2c3d…") { draft in
                for step in 0..<number { draft.audit("test.do", "s\(step)") }
            }
        }
        #expect(seen.counts == [1, 2, 3])
        #expect(await store.audit(after: nil, limit: 1).first?.actor == "ik_admin_0a1b2c3d…")
    }
}
