import InferenceKey
import InferenceKeyWire

extension Decision {
    func events(_ given: inout Arguments) throws(InferenceKeyError) -> JSONValue {
        let bytes = Array(given.requiredText("text").utf8)
        let cuts = (given.array("cuts") ?? []).compactMap(\.intValue).filter { (0...bytes.count).contains($0) }
        try given.finish()
        var reader = SSEReader()
        var events: [ServerSentEvent] = []
        let bounds = [0] + cuts.sorted() + [bytes.count]
        do {
            for (start, end) in zip(bounds, bounds.dropFirst()) { events += try reader.read(bytes[start..<end]) }
        } catch { throw .validation("an event is longer than \(error.maxEventBytes) bytes") }
        if let last = reader.finish() { events.append(last) }
        let json = events.map { event -> JSONValue in
            ["event": .optional(event.event), "data": .string(event.data), "id": .optional(event.id)]
        }
        return ["events": .array(json)]
    }

    func textStream(_ given: inout Arguments) throws(InferenceKeyError) -> JSONValue {
        let text = given.requiredText("text")
        try given.finish()
        var chunks: [TextChunk] = []
        var failure: JSONValue = nil
        do throws(InferenceKeyError) { try read(text, into: &chunks) } catch { failure = error.json }
        return [
            "texts": .array(chunks.map { .string($0.text) }),
            "finish_reason": .optional(chunks.compactMap(\.finishReason).last), "error": failure,
        ]
    }

    private func read(_ text: String, into chunks: inout [TextChunk]) throws(InferenceKeyError) {
        var events = SSEReader()
        var reader = TextStreamReader()
        var ready: [ServerSentEvent] = []
        do { ready = try events.read(text.utf8) } catch {
            throw .network("an event is longer than \(error.maxEventBytes) bytes")
        }
        for event in ready + [events.finish()].compactMap({ $0 }) {
            guard case .chunk(let chunk) = try reader.take(event) else { return }
            chunks.append(chunk)
        }
        try reader.finish()
    }
}
