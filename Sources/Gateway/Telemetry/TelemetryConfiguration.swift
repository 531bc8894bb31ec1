package import Transport

/// What a Gateway tells about single requests, and where. All of it is off by default.
package struct TelemetryConfiguration: Sendable {
    /// Where the lines of an access log go.
    package enum AccessLogTarget: Sendable, Hashable {
        case file(String)
        case standardOutput
    }

    /// Where spans go, and of which requests.
    package struct Traces: Sendable {
        package var collector: OTLPCollector
        /// The share, 0 to 1, of the requests without a `traceparent` that are traced.
        package var ratio = 1.0
        /// Spans wait for others no longer than this.
        package var interval = Duration.seconds(1)

        package init(collector: OTLPCollector) { self.collector = collector }
    }

    /// One line for each request of the data plane; nil writes none.
    package var accessLog: AccessLogTarget?
    /// A request that takes longer gets a warning with the times of its stages; nil warns of none.
    package var slowRequestMilliseconds: Int?
    /// Nil traces nothing and passes `traceparent` on untouched.
    package var traces: Traces?

    package init() {}

    var isOff: Bool { accessLog == nil && slowRequestMilliseconds == nil && traces == nil }
}

/// A collector that takes spans over OTLP/HTTP with JSON.
package struct OTLPCollector: Sendable {
    package var base: BaseURL
    /// Below the base.
    package var path = "/v1/traces"
    /// Sent with every export; may hold secrets.
    package var headers: [HTTPField] = []
    package var serviceName = "inferencekey-gateway"
    /// Further attributes of the resource.
    package var attributes: [(key: String, value: String)] = []

    package init(base: BaseURL) { self.base = base }
}
