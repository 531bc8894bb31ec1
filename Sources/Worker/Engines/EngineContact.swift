package import InferenceKeyWire
package import Transport

/// A running engine, as its adapter talks to it: over the loopback, with short time limits.
package struct EngineContact: Sendable {
    package let base: BaseURL
    /// The replica's engine key; the adapter sends it where the engine asks for one.
    package let key: String
    package let modelName: String
    package let servedNames: [String]
    package let taskType: TaskType
    package let client: HTTPClient
    package let clock: any Clock<Duration>

    package init(
        base: BaseURL, key: String, modelName: String, servedNames: [String], taskType: TaskType, client: HTTPClient,
        clock: any Clock<Duration>
    ) {
        self.base = base
        self.key = key
        self.modelName = modelName
        self.servedNames = servedNames
        self.taskType = taskType
        self.client = client
        self.clock = clock
    }

    package struct Answer: Sendable {
        package var status: Int
        package var body: [UInt8]

        package var isSuccess: Bool { (200..<300).contains(status) }
        package var json: JSONValue? { try? JSONValue(parsing: body) }
        package var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// Nil when there is no answer within `limit`.
    package func get(_ path: String, withKey: Bool = false, limit: Duration = .seconds(10)) async -> Answer? {
        await send("GET", path, body: nil, withKey: withKey, limit: limit)
    }

    /// Nil when there is no answer within `limit`.
    package func post(
        _ path: String, _ body: JSONValue, withKey: Bool = false, limit: Duration = .seconds(10)
    ) async -> Answer? {
        await send("POST", path, body: body, withKey: withKey, limit: limit)
    }

    /// An answer that comes in pieces, at most `idle` apart.
    package func open(_ path: String, _ body: JSONValue, idle: Duration) async throws(TransportError) -> HTTPStream {
        let limits = HTTPTimeouts(connect: .seconds(5), total: idle, idle: idle)
        return try await client.open(request("POST", path, body: body, withKey: false), timeouts: limits)
    }

    /// Calls `condition` again and again until it holds: often at first, as a small engine is up in no time, then twice
    /// a second. Returns early when the task is cancelled.
    package func poll(until condition: () async throws(Failure) -> Bool) async throws(Failure) {
        var pause = Duration.milliseconds(20)
        while !Task.isCancelled {
            if try await condition() { return }
            try? await clock.sleep(for: pause)
            pause = min(pause * 1.25, .milliseconds(500))
        }
    }

    private func send(
        _ method: String, _ path: String, body: JSONValue?, withKey: Bool, limit: Duration
    ) async -> Answer? {
        let limits = HTTPTimeouts(connect: min(limit, .seconds(5)), total: limit, idle: limit)
        let request = request(method, path, body: body, withKey: withKey)
        guard let answer = try? await client.send(request, timeouts: limits, maxBytes: 4 << 20) else { return nil }
        return Answer(status: answer.head.status, body: answer.body)
    }

    private func request(_ method: String, _ path: String, body: JSONValue?, withKey: Bool) -> HTTPRequest {
        var headers: [HTTPField] = []
        if withKey, !key.isEmpty { headers.append(HTTPField("authorization", "Bearer \(key)")) }
        if body != nil { headers.append(HTTPField("content-type", "application/json")) }
        return HTTPRequest(method, base, path, headers: headers, body: body?.bytes)
    }
}
