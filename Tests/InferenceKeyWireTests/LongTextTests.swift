import InferenceKeyWire
import Testing

@Suite("long texts")
struct LongTextTests {
    /// 40,000 keys of one length took seconds when each was compared with all before it; the limit is of the whole suite.
    @Test("an object of many keys is left to the parser", .timeLimit(.minutes(5)))
    func manyKeys() throws {
        let members = (0..<40_000).map { "\"k\(100_000 + $0)\":1" }
        let isCertain = try Self.skim("{" + members.joined(separator: ",") + "}")
        #expect(!isCertain)
        #expect(try Self.skim("{" + members.prefix(16).joined(separator: ",") + "}"))
    }

    @Test("a key twice is malformed among few, and uncertain among many")
    func twice() throws {
        #expect(throws: JSONSkimmer.Malformed.self) { try Self.skim(#"{"a":1,"b":2,"a":3}"#) }
        let many = (0..<20).map { "\"k\($0)\":1" }.joined(separator: ",")
        #expect(try !Self.skim("{\(many),\"k19\":1}"))
    }

    private static func skim(_ text: String) throws -> Bool {
        var text = text
        return try text.withUTF8 { bytes in
            var skimmer = JSONSkimmer(bytes)
            try skimmer.value()
            try skimmer.end()
            return skimmer.isCertain
        }
    }

    @Test("an event of many lines keeps them all")
    func manyLines() throws {
        var reader = SSEReader()
        let lines = String(repeating: "data: x\n", count: 100_000)
        let events = try reader.read(Array((lines + "\n").utf8))
        #expect(events.map(\.data.utf8.count) == [199_999])
    }
}
