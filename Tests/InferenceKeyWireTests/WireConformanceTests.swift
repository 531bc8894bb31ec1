import ConformanceVectors
import InferenceKeyWire
import Testing

@Suite("conformance: what crosses the wire")
struct WireConformanceTests {
    @Test("slugs", .conformance("slugs"), arguments: ConformanceCase.all("slugs"))
    func slug(_ sample: ConformanceCase) throws {
        #expect(JSONValue.optional(Slug.make(from: try sample.text("text"))) == sample.expect["slug"])
    }

    @Test("redaction", .conformance("redaction"), arguments: ConformanceCase.all("redaction"))
    func redaction(_ sample: ConformanceCase) throws {
        if let credential = sample.given["credential"]?.stringValue {
            #expect(Redaction.redact(credential) == sample.expect["shown"]?.stringValue)
        } else {
            #expect(Redaction.scrub(try sample.text("text")) == sample.expect["scrubbed"]?.stringValue)
        }
    }

    @Test("equality of JSON", .conformance("json-equality"), arguments: ConformanceCase.all("json-equality"))
    func equality(_ sample: ConformanceCase) throws {
        let left = try JSONValue(parsing: sample.text("left"))
        let right = try JSONValue(parsing: sample.text("right"))
        #expect((left == right) == sample.expect["equal"]?.boolValue)
        if left == right { #expect(left.hashValue == right.hashValue) }
    }

    @Test("JSON texts", .conformance("json-texts"), arguments: ConformanceCase.all("json-texts"))
    func texts(_ sample: ConformanceCase) throws {
        let text = try sample.text("text")
        let expected = try #require(sample.expect["written"])
        #expect(JSONValue.optional((try? JSONValue(parsing: text))?.text) == expected)
    }

    @Test("server-sent events", .conformance("sse"), arguments: ConformanceCase.all("sse"))
    func events(_ sample: ConformanceCase) throws {
        let bytes = Array(try sample.text("text").utf8)
        let expected = try #require(sample.expect["events"])
        for cut in 0...bytes.count {
            #expect(try Self.read([Array(bytes[..<cut]), Array(bytes[cut...])]) == expected, "cut at \(cut)")
        }
        #expect(try Self.read(bytes.map { [$0] }) == expected, "byte by byte")
    }

    static func read(_ pieces: [[UInt8]]) throws -> JSONValue {
        var reader = SSEReader()
        var events: [ServerSentEvent] = []
        for piece in pieces { events += try reader.read(piece) }
        if let last = reader.finish() { events.append(last) }
        return .array(
            events.map { ["event": .optional($0.event), "data": .string($0.data), "id": .optional($0.id)] })
    }

    @Test("an event that is too long is refused")
    func tooLong() {
        var reader = SSEReader(maxEventBytes: 10)
        #expect(throws: SSEReader.TooLong.self) { try reader.read(Array("data: 12345\ndata: 67890".utf8)) }
    }
}
