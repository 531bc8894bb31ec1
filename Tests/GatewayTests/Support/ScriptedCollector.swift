import InferenceKeyWire
import Synchronization
import Transport

@testable import Gateway

/// A collector of OTLP/HTTP that keeps the spans it is sent.
final class ScriptedCollector: Sendable {
    private let server: ScriptedEngine

    /// - Parameter status: what it answers to the export of that number, counted from 0.
    init(port: Int = 0, status: @escaping @Sendable (Int) -> String = { _ in "200 OK" }) async throws {
        let exports = Exports()
        server = try await ScriptedEngine(port: port) { request in
            request.connection.answer("{}", status: status(exports.next()))
        }
    }

    private final class Exports: Sendable {
        private let count = Mutex(0)

        func next() -> Int {
            count.withLock { count in
                defer { count += 1 }
                return count
            }
        }
    }

    var port: Int { server.port }
    var requests: [ScriptedEngine.Request] { server.requests }

    var spans: [JSONValue] {
        requests.flatMap { request -> [JSONValue] in
            let json = try? JSONValue(parsing: request.body)
            return json?["resourceSpans"]?.arrayValue?.first?["scopeSpans"]?.arrayValue?.first?["spans"]?.arrayValue
                ?? []
        }
    }

    /// Waits for so many spans.
    func spans(_ count: Int) async throws -> [JSONValue] {
        try await eventually("\(count) spans arrive") { self.spans.count >= count ? self.spans : nil }
    }

    func stop() async { await server.stop() }
}

extension TelemetryConfiguration {
    /// Traces to a collector on this machine.
    static func traced(_ port: Int, ratio: Double = 1) -> TelemetryConfiguration {
        var telemetry = TelemetryConfiguration()
        guard var collector = OTLPVariables.collector(at: "http://127.0.0.1:\(port)") else { return telemetry }
        collector.headers = [HTTPField("api-key", "s3cret")]
        telemetry.traces = Traces(collector: collector)
        telemetry.traces?.ratio = ratio
        telemetry.traces?.interval = .milliseconds(10)
        return telemetry
    }
}
