import Testing

@testable import Gateway

@Suite("a replica that is far slower than the others")
struct LatencyOutlierTests {
    let rules = HealthRules()

    private func samples(_ milliseconds: Int64..., count: Int = 20) -> [LatencyOutlier.Sample] {
        milliseconds.map { LatencyOutlier.Sample(count: count, microseconds: $0 * 1000 * Int64(count)) }
    }

    @Test("is found by five times the median of the others and a second more")
    func found() {
        #expect(LatencyOutlier.find(samples(300, 320, 9000, 310), rules) == 2)
        #expect(LatencyOutlier.find(samples(300, 4000), rules) == 1)
    }

    @Test("is none when it is not that much slower", arguments: [[300, 1400], [20, 900], [3000, 14_000, 3000]])
    func none(_ means: [Int64]) {
        let samples = means.map { LatencyOutlier.Sample(count: 20, microseconds: $0 * 20_000) }
        #expect(LatencyOutlier.find(samples, rules) == nil)
    }

    @Test("is not judged by few answers, nor without others to compare with")
    func few() {
        #expect(LatencyOutlier.find(samples(300, 9000, count: 9), rules) == nil)
        #expect(LatencyOutlier.find(samples(9000), rules) == nil)
        var alone = samples(300, 9000)
        alone[0].count = 2
        #expect(LatencyOutlier.find(alone, rules) == nil)
    }

    @Test("the answers of a window are counted once, over all loops")
    func window() {
        let gate = HealthGate()
        for _ in 0..<5 { gate.answered(afterNanoseconds: 2_000_000) }
        #expect(gate.takeAnswers() == LatencyOutlier.Sample(count: 5, microseconds: 10_000))
        #expect(gate.takeAnswers() == LatencyOutlier.Sample(count: 0, microseconds: 0))
    }
}
