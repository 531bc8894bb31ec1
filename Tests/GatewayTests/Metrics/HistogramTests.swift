import Testing

@testable import Gateway

@Suite("metrics")
struct HistogramTests {
    @Test("durations fall into the first bucket that holds them")
    func buckets() {
        var histogram = Histogram()
        for milliseconds: Int64 in [0, 10, 11, 20, 21, 40, 81_920, 81_921] {
            histogram.record(nanoseconds: milliseconds * 1_000_000)
        }
        #expect(histogram.buckets[0] == 2)
        #expect(histogram.buckets[1] == 2)
        #expect(histogram.buckets[2] == 2)
        #expect(histogram.buckets[13] == 1)
        #expect(histogram.buckets[14] == 1)
        #expect(histogram.count == 8)
    }

    @Test("the bounds are those of the generative-AI conventions")
    func bounds() {
        let bounds = (0...Histogram.bucketCount).map(Histogram.bound)
        #expect(
            bounds == [
                "0.01", "0.02", "0.04", "0.08", "0.16", "0.32", "0.64", "1.28", "2.56", "5.12", "10.24", "20.48",
                "40.96", "81.92", "+Inf",
            ])
    }

    @Test("buckets in the text add up to the count")
    func text() {
        var figures = GatewayFigures()
        figures.counters.duration.record(nanoseconds: 15_000_000)
        figures.counters.duration.record(nanoseconds: 1_000_000)
        #expect(figures.text.contains("inferencekey_gateway_request_duration_seconds_bucket{le=\"0.01\"} 1\n"))
        #expect(figures.text.contains("inferencekey_gateway_request_duration_seconds_bucket{le=\"+Inf\"} 2\n"))
        #expect(figures.text.contains("inferencekey_gateway_request_duration_seconds_count 2\n"))
        #expect(figures.text.contains("inferencekey_gateway_request_duration_seconds_sum 0.016\n"))
    }
}
