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
        let tokens = (0...TokenHistogram.bucketCount).map(TokenHistogram.bound)
        #expect(
            tokens == [
                "1", "4", "16", "64", "256", "1024", "4096", "16384", "65536", "262144", "1048576", "4194304",
                "16777216", "67108864", "+Inf",
            ])
    }

    @Test(
        "tokens fall into the first bucket that holds them",
        arguments: [
            (0, 0), (1, 0), (2, 1), (4, 1), (5, 2), (16, 2), (17, 3), (64, 3), (65, 4), (1024, 5), (1025, 6),
            (67_108_864, 13), (67_108_865, 14),
        ])
    func tokens(count: Int, bucket: Int) {
        var histogram = TokenHistogram()
        histogram.record(count)
        #expect(histogram.buckets.firstIndex(of: 1) == bucket)
        #expect(histogram.sum == UInt64(count))
    }

    @Test("buckets in the text add up to the count, for each workload")
    func text() {
        var figures = GatewayFigures()
        var workload = WorkloadFigures()
        workload.duration.record(nanoseconds: 15_000_000)
        workload.duration.record(nanoseconds: 1_000_000)
        workload.count(status: 200, .finished)
        workload.count(status: 200, .cut)
        workload.tokensIn.record(7)
        figures.series = [.none: WorkloadFigures(), SeriesName(project: "acme", workload: "chat"): workload]
        let place = "project=\"acme\",workload=\"chat\""
        for line in [
            "request_duration_seconds_bucket{\(place),le=\"0.01\"} 1", "request_duration_seconds_bucket{le=\"0.01\"} 0",
            "request_duration_seconds_bucket{\(place),le=\"+Inf\"} 2", "request_duration_seconds_count{\(place)} 2",
            "request_duration_seconds_sum{\(place)} 0.016",
            "requests_total{\(place),code_class=\"2xx\",outcome=\"finished\"} 1",
            "requests_total{\(place),code_class=\"2xx\",outcome=\"cut\"} 1", "tokens_total{\(place),type=\"input\"} 7",
            "request_tokens_bucket{\(place),type=\"input\",le=\"16\"} 1", "workload_in_flight{\(place)} 0",
        ] {
            #expect(figures.text.contains("inferencekey_gateway_\(line)\n"), "\(line)")
        }
    }

    @Test("every family has its help and its type once, before its samples")
    func families() {
        var figures = GatewayFigures()
        figures.series = [
            .none: WorkloadFigures(), SeriesName(project: "a", workload: "b"): WorkloadFigures(),
            SeriesName(project: "a", workload: "c"): WorkloadFigures(),
        ]
        figures.telemetry = TelemetryFigures()
        var types: Set<String> = []
        var current = ""
        for line in figures.text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if line.hasPrefix("# TYPE ") {
                current = String(words[2])
                let isNew = types.insert(current).inserted
                #expect(isNew, "\(current) twice")
            } else if !line.hasPrefix("#") {
                #expect(line.hasPrefix(current), "\(line) stands under \(current)")
            }
        }
        #expect(types.count > 20)
    }

    @Test("a workload beyond the limit counts with the others, and one that goes makes room")
    func limit() {
        let labels = LabelSets(limit: 1)
        let (first, second) = (SeriesName(project: "p", workload: "a"), SeriesName(project: "p", workload: "b"))
        #expect(labels.admit(first) && labels.admit(first))
        #expect(!labels.admit(second))
        labels.release(first)
        #expect(!labels.admit(second))
        labels.release(first)
        #expect(labels.admit(second))
    }

    @Test("what stands in a label cannot leave it")
    func labels() {
        #expect(SeriesName(project: "a\"b\\", workload: "c").labels == "project=\"a\\\"b\\\\\",workload=\"c\"")
    }
}
