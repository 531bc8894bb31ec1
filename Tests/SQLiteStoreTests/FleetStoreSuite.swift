import Fleet
import InferenceKeyWire
import Manager
import Testing

@Suite("Every store keeps its promises")
struct FleetStoreSuite {
    private let sample = Sample()

    @Test("a new store is empty", arguments: StoreKind.allCases)
    func empty(_ kind: StoreKind) async throws {
        try await kind.use { store in
            let loaded = try await store.load()
            #expect(loaded == FleetState())
            #expect(try await store.audit(after: nil, limit: 10).isEmpty)
            #expect(try await store.usage(UsageFilter()).isEmpty)
        }
    }

    @Test("what was committed is loaded as it was", arguments: StoreKind.allCases)
    func roundTrip(_ kind: StoreKind) async throws {
        try await kind.use { store in
            try await store.commit([sample.changes])
            var expected = FleetState()
            for change in sample.changes { expected.apply(change) }
            let loaded = try await store.load()
            #expect(loaded == expected)
            #expect(loaded.workloads[sample.workload.id]?.config?["x"] == 1.5)
        }
    }

    @Test("a later change replaces the record, and a removal removes it", arguments: StoreKind.allCases)
    func replaceAndRemove(_ kind: StoreKind) async throws {
        try await kind.use { store in
            var workload = sample.workload
            workload.revision = 2
            try await store.commit([sample.changes, [.putWorkload(workload)]])
            #expect(try await store.load().workloads[workload.id]?.revision == 2)
            try await store.commit([
                [.removeReplica(sample.replica.id)],
                [.removeWorkload(workload.id), .removeCredential(id: sample.key.id)],
                [.removeWorker(sample.worker.id), .removeProject(sample.project.id)],
            ])
            let loaded = try await store.load()
            #expect(loaded.workloads.isEmpty && loaded.replicas.isEmpty && loaded.credentials.isEmpty)
            #expect(loaded.workers.isEmpty && loaded.projects.isEmpty && loaded.tenants.count == 1)
        }
    }

    @Test("revisions come oldest first and go with their workload", arguments: StoreKind.allCases)
    func revisions(_ kind: StoreKind) async throws {
        try await kind.use { store in
            let revisions: [FleetChange] = [.addRevision(sample.revision(1)), .addRevision(sample.revision(2))]
            try await store.commit([sample.changes, revisions])
            let found = try await store.revisions(of: sample.workload.id)
            #expect(found == [sample.revision(1), sample.revision(2)])
            try await store.commit([[.removeReplica(sample.replica.id), .removeWorkload(sample.workload.id)]])
            #expect(try await store.revisions(of: sample.workload.id).isEmpty)
        }
    }

    @Test("the audit log is read newest first, page by page", arguments: StoreKind.allCases)
    func audit(_ kind: StoreKind) async throws {
        try await kind.use { store in
            for number in 1...5 { try await store.commit([[.addAudit(sample.entry(number))]]) }
            let first = try await store.audit(after: nil, limit: 2)
            #expect(first == [sample.entry(5), sample.entry(4)])
            let second = try await store.audit(after: first.last?.id, limit: 10)
            #expect(second.map(\.id) == ["au_3", "au_2", "au_1"])
            #expect(try await store.audit(after: "au_1", limit: 10).isEmpty)
        }
    }

    @Test("a usage report counts once, however often it comes", arguments: StoreKind.allCases)
    func usageOnce(_ kind: StoreKind) async throws {
        try await kind.use { store in
            var counted: [Bool] = []
            for (gateway, sequence) in [("g1", 1), ("g1", 1), ("g1", 2), ("g1", 1), ("g2", 1)] {
                let report = UsageReport(run: gateway, sequence: sequence)
                counted.append(try await store.addUsage([sample.usage("2026-11-24")], of: report))
            }
            #expect(counted == [true, false, true, false, true])
            let found = try await store.usage(UsageFilter())
            #expect(found.count == 1)
            #expect(found.first?.requests == 3 && found.first?.tokensOut == 9 && found.first?.milliseconds == 12)
        }
    }

    @Test("estimated usage is kept apart", arguments: StoreKind.allCases)
    func estimated(_ kind: StoreKind) async throws {
        try await kind.use { store in
            var estimated = sample.usage("2026-11-24", requests: 4)
            estimated.isEstimated = true
            for sequence in 1...2 {
                _ = try await store.addUsage(
                    [sample.usage("2026-11-24"), estimated], of: UsageReport(run: "g", sequence: sequence))
            }
            let found = try await store.usage(UsageFilter())
            #expect(found.map(\.isEstimated) == [false, true] && found.map(\.requests) == [2, 8])
        }
    }

    @Test("usage is filtered by day, workload, key and project", arguments: StoreKind.allCases)
    func usageFilter(_ kind: StoreKind) async throws {
        try await kind.use { store in
            let records = [
                sample.usage("2026-11-25"), sample.usage("2026-11-24", key: "k2"), sample.usage("2026-11-24"),
            ]
            _ = try await store.addUsage(records, of: UsageReport(run: "g", sequence: 1))
            let all = try await store.usage(UsageFilter())
            #expect(all.map { "\($0.day) \($0.keyID)" } == ["2026-11-24 k1", "2026-11-24 k2", "2026-11-25 k1"])
            #expect(try await store.usage(UsageFilter(fromDay: "2026-11-25")).count == 1)
            #expect(try await store.usage(UsageFilter(keyID: "k2", toDay: "2026-11-24")).count == 1)
            #expect(try await store.usage(UsageFilter(projectID: ID("pr_other"))).isEmpty)
            #expect(try await store.usage(UsageFilter(projectID: sample.project.id, workloadSlug: "chat")).count == 3)
        }
    }

    @Test("commits from many tasks are all there", arguments: StoreKind.allCases)
    func concurrent(_ kind: StoreKind) async throws {
        try await kind.use { store in
            try await withThrowingTaskGroup { group in
                for number in 0..<100 {
                    group.addTask {
                        let tenant = Tenant(id: ID("tn_\(number)"), slug: "t-\(number)", createdAt: Sample.time)
                        try await store.commit([[.putTenant(tenant)]])
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await store.load().tenants.count == 100)
        }
    }
}
