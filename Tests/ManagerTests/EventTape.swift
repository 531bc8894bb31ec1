import InferenceKeyWire
import Transport

/// Reads one event stream, event by event.
final class EventTape {
    let stream: HTTPStream
    private var reader = SSEReader()
    private var ready: [ServerSentEvent] = []
    /// Everything that came, comments too.
    private(set) var raw = ""

    init(_ stream: HTTPStream) { self.stream = stream }

    /// The next event; nil at the end of the stream. Comments come often enough to notice when patience ends.
    func next() async throws -> JSONValue? {
        let deadline = ContinuousClock.now + .seconds(60)
        while ready.isEmpty {
            guard ContinuousClock.now < deadline else { throw HouseError("no event came; so far: \(raw)") }
            guard let bytes = try await stream.next() else { return nil }
            raw += String(decoding: bytes, as: UTF8.self)
            ready += try reader.read(bytes)
        }
        return try JSONValue(parsing: ready.removeFirst().data)
    }

    /// Reads until one is like this; nil when the stream ends before.
    func first(where condition: (JSONValue) -> Bool) async throws -> JSONValue? {
        while let event = try await next() { if condition(event) { return event } }
        return nil
    }

    /// Reads on until a comment came.
    func comment() async throws {
        while !raw.contains("\n: ") && !raw.hasPrefix(": ") {
            guard let bytes = try await stream.next() else { throw HouseError("the stream ended without a comment") }
            raw += String(decoding: bytes, as: UTF8.self)
            ready += try reader.read(bytes)
        }
    }

    func close() { stream.cancel() }
}

extension ManagerHouse {
    /// Opens a stream for `body`, and closes it whatever happens.
    func watch<Value>(
        _ path: String, as credential: Credential, _ body: (EventTape) async throws -> Value
    ) async throws -> Value {
        let stream = try await client.open(request("GET", path, nil, credential.revealed, [], nil))
        guard stream.head.status == 200 else {
            stream.cancel()
            throw HouseError("the stream \(path) was answered with \(stream.head.status)")
        }
        let tape = EventTape(stream)
        defer { tape.close() }
        return try await body(tape)
    }
}
