package import InferenceKeyWire

/// A workload's `config.limits`. What is nil is not limited.
package struct EndpointLimits: Sendable, Hashable {
    /// Requests that wait for room at a replica.
    package struct Queue: Sendable, Hashable {
        /// More than this are turned away; 0 lets none wait.
        package var length: Int
        package var maxWaitMilliseconds: Int

        package init(length: Int = 256, maxWaitMilliseconds: Int = 10_000) {
            self.length = length
            self.maxWaitMilliseconds = maxWaitMilliseconds
        }

        package static let lengths = 0...10_000
        package static let waits = 1...120_000
    }

    /// All keys together.
    package var rate: KeyLimits
    /// Requests open at one replica at a time.
    package var replicaConcurrency: Int?
    /// Counts only beside ``replicaConcurrency``.
    package var queue: Queue

    package init(rate: KeyLimits = KeyLimits(), replicaConcurrency: Int? = nil, queue: Queue = Queue()) {
        self.rate = rate
        self.replicaConcurrency = replicaConcurrency
        self.queue = queue
    }

    package static let maxRate = 1_000_000_000
    package static let maxConcurrency = 100_000
}

extension EndpointLimits {
    package init(json: JSONValue) throws(FieldErrors) {
        var fields = JSONFields(json)
        let rate = KeyLimits(
            requestsPerMinute: fields.int("requests_per_minute", in: 1...Self.maxRate),
            tokensPerMinute: fields.int("tokens_per_minute", in: 1...Self.maxRate),
            concurrency: fields.int("concurrency", in: 1...Self.maxConcurrency))
        let replicaConcurrency = fields.int("replica_concurrency", in: 1...Self.maxConcurrency)
        let declared = fields.value("queue")
        if declared != nil, replicaConcurrency == nil {
            fields.reject("queue", "needs replica_concurrency beside it: without it no replica is ever full")
        }
        self.init(rate: rate, replicaConcurrency: replicaConcurrency)
        if let declared {
            do throws(FieldErrors) { queue = try Queue(json: declared) } catch {
                for (field, reason) in error.fields {
                    fields.reject(field == "body" ? "queue" : "queue.\(field)", reason)
                }
            }
        }
        try fields.finish()
    }

    package var json: JSONValue {
        var object: JSONObject = [:]
        object["requests_per_minute"] = rate.requestsPerMinute.map { .int($0) }
        object["tokens_per_minute"] = rate.tokensPerMinute.map { .int($0) }
        object["concurrency"] = rate.concurrency.map { .int($0) }
        if let replicaConcurrency {
            object["replica_concurrency"] = .int(replicaConcurrency)
            object["queue"] = ["length": .int(queue.length), "max_wait_ms": .int(queue.maxWaitMilliseconds)]
        }
        return .object(object)
    }
}

extension EndpointLimits.Queue {
    init(json: JSONValue) throws(FieldErrors) {
        var fields = JSONFields(json)
        self.init()
        if let value = fields.int("length", in: Self.lengths) { length = value }
        if let value = fields.int("max_wait_ms", in: Self.waits) { maxWaitMilliseconds = value }
        try fields.finish()
    }
}
