/// What `/metrics` shows of one Gateway: the sum over its loops.
struct GatewayFigures: Sendable, Equatable {
    var counters = LaneCounters()
    var connections = 0

    mutating func add(_ other: GatewayFigures) {
        counters.add(other.counters)
        connections += other.connections
    }

    /// Prometheus text, version 0.0.4.
    var text: String {
        var out = MetricsText()
        out.family("requests_total", .counter, "Answered requests of the data plane.")
        for status in 1...5 {
            out.sample("requests_total", "code_class=\"\(status)xx\"", counters.requestsByClass[status])
        }
        out.single(
            "in_flight", .gauge, "Requests of the data plane being answered.", UInt64(max(0, counters.requestsInFlight))
        )
        out.single("client_connections", .gauge, "Open connections of clients.", UInt64(connections))
        out.single("client_connections_total", .counter, "Connections accepted.", counters.connectionsAccepted)
        out.single("control_requests_total", .counter, "Requests relayed to the Manager.", counters.controlRequests)
        out.single(
            "upstream_connections_total", .counter, "Connections opened to engines.", counters.upstreamConnections)
        out.single("upstream_reuses_total", .counter, "Requests on a kept connection.", counters.upstreamReuses)
        out.single("upstream_retries_total", .counter, "Requests tried again elsewhere.", counters.upstreamRetries)
        out.single("cut_streams_total", .counter, "Answers that broke off after they had begun.", counters.cutStreams)
        out.single("clients_left_total", .counter, "Requests whose client left early.", counters.clientsLeft)
        out.single("deadlines_passed_total", .counter, "Connections closed by a deadline.", counters.deadlinesPassed)
        out.single("rate_limited_total", .counter, "Requests refused by a key's limits.", counters.rateLimited)
        out.single("events_total", .counter, "Server-sent events relayed.", counters.events)
        out.family("tokens_total", .counter, "Tokens used; gen_ai.client.token.usage.")
        out.sample("tokens_total", "type=\"input\"", counters.tokensIn)
        out.sample("tokens_total", "type=\"output\"", counters.tokensOut)
        out.histogram(
            "time_to_first_byte_seconds",
            "From a request to the head of its answer; gen_ai.server.time_to_first_token.",
            counters.timeToFirstByte)
        out.histogram(
            "request_duration_seconds", "From a request to the end of its answer; gen_ai.server.request.duration.",
            counters.duration)
        return out.text
    }
}

private struct MetricsText {
    enum Kind: String {
        case counter, gauge, histogram
    }

    private(set) var text = ""

    mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        text += "# HELP inferencekey_gateway_\(name) \(help)\n# TYPE inferencekey_gateway_\(name) \(kind.rawValue)\n"
    }

    mutating func sample(_ name: String, _ labels: String, _ value: UInt64) {
        text += "inferencekey_gateway_\(name)" + (labels.isEmpty ? "" : "{\(labels)}") + " \(value)\n"
    }

    mutating func single(_ name: String, _ kind: Kind, _ help: String, _ value: UInt64) {
        family(name, kind, help)
        sample(name, "", value)
    }

    mutating func histogram(_ name: String, _ help: String, _ histogram: Histogram) {
        family(name, .histogram, help)
        var total: UInt64 = 0
        for (bucket, count) in histogram.buckets.enumerated() {
            total += count
            sample("\(name)_bucket", "le=\"\(Histogram.bound(bucket))\"", total)
        }
        text += "inferencekey_gateway_\(name)_sum \(Double(histogram.sumNanoseconds) / 1e9)\n"
        sample("\(name)_count", "", total)
    }
}
