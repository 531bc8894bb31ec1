import Fleet
import InferenceKeyWire
import Logging
import Transport

/// Holds the Manager's feed of tables: each event is complete, so losing some costs nothing.
struct FeedClient<C: Clock<Duration>>: Sendable {
    let link: GatewayConfiguration.ManagerLink
    let http: HTTPClient
    let clock: C
    let logger: Logger
    /// Takes over new tables.
    let install: @Sendable (GatewayTables) async throws -> Void

    static var pauses: [Duration] { [.seconds(1), .seconds(2), .seconds(4), .seconds(5)] }
    /// The Manager sends a comment every 15 s; a feed that is silent for longer than this is dead.
    static var idle: Duration { .seconds(45) }
    static var maxEventBytes: Int { 512 << 20 }

    /// Runs until it is cancelled.
    func run() async {
        var failures = 0
        while !Task.isCancelled {
            do {
                try await follow { failures = 0 }
                logger.info("the feed of tables ended; connecting again")
            } catch {
                guard !Task.isCancelled else { return }
                logger.warning(
                    "the feed of tables is interrupted; serving by what is known", metadata: ["error": "\(error)"])
            }
            let pause = Self.pauses[min(failures, Self.pauses.count - 1)]
            failures += 1
            try? await clock.sleep(for: pause)
        }
    }

    private func follow(_ received: () -> Void) async throws {
        let request = HTTPRequest(
            "GET", link.base, "/api/gateway/feed",
            headers: [
                HTTPField("authorization", "Bearer \(link.credential.revealed)"),
                HTTPField("accept", "text/event-stream"),
            ])
        let timeouts = HTTPTimeouts(connect: .seconds(5), total: .seconds(15), idle: Self.idle)
        let stream = try await http.open(request, timeouts: timeouts)
        defer { stream.cancel() }
        guard stream.head.status == 200 else { throw FeedFailure.refused(status: stream.head.status) }
        var reader = SSEReader(maxEventBytes: Self.maxEventBytes)
        while let bytes = try await stream.next() {
            // Events are complete: of several that came together only the last counts.
            guard let event = try reader.read(bytes).last(where: { !$0.data.isEmpty }) else { continue }
            try await install(GatewayTables(json: JSONValue(parsing: event.data)))
            received()
        }
    }
}

enum FeedFailure: Error, Sendable, Equatable, CustomStringConvertible {
    case refused(status: Int)

    var description: String {
        switch self {
        case .refused(let status): "the Manager answered \(status): is this Gateway's credential still valid?"
        }
    }
}
