import Fleet
import Foundation
import InferenceKeyWire
import SQLiteStore
import Testing
import Transport

@testable import Manager

/// Figures on the real store, printed; run with IK_MEASURE=1 and an optimised build.
@Suite("Measured on SQLite", .enabled(if: ProcessInfo.processInfo.environment["IK_MEASURE"] == "1"), .serialized)
struct MeasuredTests {
    private func withStore(_ body: @Sendable (ManagerHouse) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ik-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = try SQLiteStore(path: folder + "/fleet.db")
        try await ManagerHouse.open(timings: ManagerTimings(), store: store, body)
    }

    private func milliseconds(_ times: [Duration], _ share: Double) -> String {
        let sorted = times.sorted()
        let time = sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
        return String(format: "%.2f ms", time.seconds * 1000)
    }

    @Test("durable declares per second, and a list of a thousand")
    func declares() async throws {
        try await withStore { house in
            try await house.makeProject()
            let token = try await house.makeToken()
            let start = ContinuousClock.now
            try await withThrowingTaskGroup { group in
                for task in 0..<16 {
                    group.addTask {
                        for number in 0..<63 {
                            let answer = try await house.declare("w-\(task)-\(number)", as: token)
                            #expect(answer.status == 201)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let time = (ContinuousClock.now - start).seconds
            let ledger = house.service.ledger.statistics
            print("measured: \(Int(1008 / time)) durable declares/s from 16 clients, \(ledger.commits) commits")
            var times: [Duration] = []
            for _ in 0..<50 {
                let start = ContinuousClock.now
                let list = try await house.send("GET", "/api/projects/acme/workloads", as: token)
                times.append(ContinuousClock.now - start)
                #expect(list.json.arrayValue?.count == 1008)
            }
            print("measured: list of 1008: p50 \(milliseconds(times, 0.5)), p99 \(milliseconds(times, 0.99))")
        }
    }

    @Test("from a declaration to the worker's assignment")
    func assignmentLatency() async throws {
        try await withStore { house in
            try await house.makeProject()
            let token = try await house.makeToken()
            let worker = FakeWorker(house)
            try await worker.say()
            try await worker.watch { tape in
                var arrival: [Duration] = []
                var answer: [Duration] = []
                for number in 0..<200 {
                    let start = ContinuousClock.now
                    async let declared = house.declare("w-\(number)", as: token)
                    _ = try await tape.assignment { $0.replicas.count == number + 1 }
                    arrival.append(ContinuousClock.now - start)
                    #expect(try await declared.status == 201)
                    answer.append(ContinuousClock.now - start)
                }
                print(
                    "measured: declare to assignment p50 \(milliseconds(arrival, 0.5)), p99 \(milliseconds(arrival, 0.99))"
                )
            }
        }
    }
}
