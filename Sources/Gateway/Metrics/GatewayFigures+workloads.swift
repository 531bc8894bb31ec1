// What is told of each workload by itself.
extension GatewayFigures {
    func addWorkloads(to out: inout MetricsText) {
        let all = series.sorted { $0.key < $1.key }
        out.family("requests_total", .counter, "Requests of the data plane that ended, by status and by how.")
        for (name, figures) in all { addRequests(name, figures, to: &out) }
        out.family("workload_in_flight", .gauge, "Requests of one workload being answered.")
        for (name, figures) in all where name != .none {
            out.sample("workload_in_flight", name.labels, UInt64(max(0, figures.inFlight)))
        }
        out.family("tokens_total", .counter, "Tokens used.")
        for (name, figures) in all {
            out.sample("tokens_total", name.with("type=\"input\""), figures.tokensIn.sum)
            out.sample("tokens_total", name.with("type=\"output\""), figures.tokensOut.sum)
        }
        addTimes(all, to: &out)
        out.family("request_tokens", .histogram, "Tokens of one request; gen_ai.client.token.usage.")
        for (name, figures) in all where name != .none {
            out.series("request_tokens", name.with("type=\"input\""), figures.tokensIn)
            out.series("request_tokens", name.with("type=\"output\""), figures.tokensOut)
        }
    }

    private func addRequests(_ name: SeriesName, _ figures: WorkloadFigures, to out: inout MetricsText) {
        for row in WorkloadFigures.classIndices {
            for end in RequestEnd.allCases {
                let count = figures.count(class: row, end)
                guard count > 0 else { continue }
                let status = row == 0 ? "none" : "\(row)xx"
                out.sample("requests_total", name.with("code_class=\"\(status)\",outcome=\"\(end.name)\""), count)
            }
        }
    }

    private func addTimes(_ all: [(key: SeriesName, value: WorkloadFigures)], to out: inout MetricsText) {
        out.family(
            "request_duration_seconds", .histogram,
            "From a request to the end of its answer; gen_ai.server.request.duration.")
        for (name, figures) in all { out.series("request_duration_seconds", name.labels, figures.duration) }
        out.family(
            "time_to_first_token_seconds", .histogram,
            "From a request to the first token of its stream; gen_ai.server.time_to_first_token.")
        for (name, figures) in all where name != .none {
            out.series("time_to_first_token_seconds", name.labels, figures.timeToFirstToken)
        }
        out.family(
            "time_per_output_token_seconds", .histogram,
            "From the first token of a stream to its end, per token after it; gen_ai.server.time_per_output_token."
        )
        for (name, figures) in all where name != .none {
            out.series("time_per_output_token_seconds", name.labels, figures.timePerOutputToken)
        }
    }
}

extension SeriesName {
    /// The labels with more of them behind.
    func with(_ more: String) -> String { self == .none ? more : "\(labels),\(more)" }
}
