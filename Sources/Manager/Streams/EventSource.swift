import InferenceKeyWire

/// Where the bytes of one event stream come from; pulled by the connection that carries it, so that a slow reader holds
/// back only itself.
protocol EventSource {
    /// The next bytes to send; nil at the end.
    mutating func next() async throws -> [UInt8]?
}

extension JSONValue {
    /// The value as one server-sent event.
    var event: [UInt8] { ServerSentEvent(data: text).bytes }
}
