import Fleet

/// What `/metrics` shows of one Gateway: the sum over its loops.
struct GatewayFigures: Sendable, Equatable {
    var counters = LaneCounters()
    var connections = 0
    var series: [SeriesName: WorkloadFigures] = [:]
    /// Of the whole process; nil when there is no log and no trace.
    var telemetry: TelemetryFigures?

    mutating func add(_ other: GatewayFigures) {
        counters.add(other.counters)
        connections += other.connections
        telemetry = other.telemetry ?? telemetry
        for (name, figures) in other.series { series[name, default: WorkloadFigures()].add(figures) }
    }

    /// Prometheus text, version 0.0.4.
    var text: String {
        var out = MetricsText()
        addWorkloads(to: &out)
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
        out.single(
            "rate_limited_total", .counter, "Requests refused by the limits of a key or a workload.",
            counters.rateLimited)
        out.single("events_total", .counter, "Server-sent events relayed.", counters.events)
        out.single(
            "untold_total", .counter, "Answers whose engine did not say what it used: their tokens are estimated.",
            counters.untold)
        out.histogram(
            "time_to_first_byte_seconds",
            "From a request to the head of its answer.", counters.timeToFirstByte)
        addChoices(to: &out)
        addQueues(to: &out)
        telemetry?.write(to: &out)
        return out.text
    }

    private func addChoices(to out: inout MetricsText) {
        let choice = counters.choice
        out.family("choices_total", .counter, "Choices of a replica by the workload's policy.")
        for policy in RoutingPolicy.allCases {
            out.sample(
                "choices_total", "policy=\"\(policy.rawValue)\"", choice.decisions[ChoiceCounters.place(policy)])
        }
        out.single("prefix_hits_total", .counter, "Choices of a replica that knew most of a prompt.", choice.prefixHits)
        out.family("prompt_blocks_total", .counter, "Blocks of 512 bytes of prompts the prefix policy chose for.")
        out.sample("prompt_blocks_total", "known=\"yes\"", choice.promptBlocksKnown)
        out.sample("prompt_blocks_total", "known=\"no\"", choice.promptBlocks - choice.promptBlocksKnown)
        out.single(
            "sessionless_total", .counter, "Choices by session for requests that named none.", choice.sessionless)
        out.single("ejections_total", .counter, "Times a replica got no requests for a while.", choice.ejections)
        out.single("readmissions_total", .counter, "Times it got them again.", choice.readmissions)
        out.single("ejected_replicas", .gauge, "Replicas that get no requests now.", choice.ejectedNow)
    }

    private func addQueues(to out: inout MetricsText) {
        let queue = counters.queue
        out.single("queue_waiting", .gauge, "Requests waiting for room at a replica.", UInt64(max(0, queue.waiting)))
        out.single("queue_entered_total", .counter, "Requests that waited for room.", queue.entered)
        out.single("queue_turned_away_total", .counter, "Requests turned away by a full line.", queue.turnedAway)
        out.single("queue_expired_total", .counter, "Requests that waited as long as they may.", queue.expired)
        out.histogram("queue_wait_seconds", "How long requests waited that were let through.", queue.wait)
    }
}
