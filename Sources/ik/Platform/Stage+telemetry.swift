import Console
import Gateway
import Transport

extension Stage {
    /// What the settings, and OpenTelemetry's own variables, say of logs and traces.
    func telemetry() throws(CommandFailure) -> TelemetryConfiguration {
        var telemetry = TelemetryConfiguration()
        telemetry.accessLog = settings.text(.accessLog).map { $0 == "-" ? .standardOutput : .file($0) }
        if settings.text(.slowRequestMs) != nil {
            telemetry.slowRequestMilliseconds = try settings.int(.slowRequestMs, in: 1...86_400_000, default: 1)
        }
        guard var collector = try collector() else { return telemetry }
        if let name = Process.variable("OTEL_SERVICE_NAME") { collector.serviceName = name }
        collector.attributes = try pairs("OTEL_RESOURCE_ATTRIBUTES")
        collector.headers = try pairs("OTEL_EXPORTER_OTLP_HEADERS").map { HTTPField($0.key, $0.value) }
        telemetry.traces = TelemetryConfiguration.Traces(collector: collector)
        telemetry.traces?.ratio = try traceRatio()
        return telemetry
    }

    private func collector() throws(CommandFailure) -> OTLPCollector? {
        let expected = "an address such as http://127.0.0.1:4318"
        if let endpoint = settings.text(.otlpEndpoint) {
            if let collector = OTLPVariables.collector(at: endpoint) { return collector }
            throw settings.refusal(.otlpEndpoint, endpoint, expected)
        }
        guard Process.variable("OTEL_SDK_DISABLED")?.lowercased() != "true" else { return nil }
        for (name, read) in [
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", OTLPVariables.collector(exactly:)),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", OTLPVariables.collector(at:)),
        ] {
            guard let endpoint = Process.variable(name) else { continue }
            if let collector = read(endpoint) { return collector }
            throw CommandFailure(.wrongUsage, "\(name) must be \(expected), not \"\(endpoint)\"")
        }
        return nil
    }

    private func traceRatio() throws(CommandFailure) -> Double {
        guard let text = settings.text(.traceRatio) else { return 1 }
        guard let ratio = Double(text), (0...1).contains(ratio) else {
            throw settings.refusal(.traceRatio, text, "a number from 0 to 1")
        }
        return ratio
    }

    /// Says nothing of what stands in the variable: it may be a secret.
    private func pairs(_ name: String) throws(CommandFailure) -> [(key: String, value: String)] {
        guard let text = Process.variable(name) else { return [] }
        guard let pairs = OTLPVariables.pairs(text) else {
            throw CommandFailure(.wrongUsage, "\(name) must be key=value pairs with commas between, percent-encoded")
        }
        return pairs
    }
}
