import Testing

@testable import Gateway

@Suite("JSON keys")
struct JSONKeyScannerTests {
    @Test("the top-level keys are found wherever they stand, and deeper ones are not taken for them")
    func findsKeys() throws {
        let text =
            #"  {"messages":[{"role":"user","content":"\"model\": \"no\" } ] \\","model":"deep"}],"#
            + #""tools":{"model":"deep","stream":false},"model" : "org/m","stream":true,"#
            + #""stream_options":{"x":{"y":1},"include_usage" : true},"z":"stream" } "#
        let keys = try scan(text)
        #expect(part(text, try #require(keys.model)) == "org/m")
        #expect(keys.streams)
        #expect(keys.asksForUsage)
        #expect(!keys.modelIsEscaped)
    }

    @Test("the prompt begins with the first value that an engine reads, and the user is the caller's")
    func promptAndUser() throws {
        let text = #"{"model":"m","user":"a \"b\"","tools":[1],"messages":[{"user":"x"}]}"#
        let keys = try scan(text)
        let bytes = Array(text.utf8)
        #expect(keys.promptStart.map { String(decoding: bytes[$0...].prefix(3), as: UTF8.self) } == "[1]")
        #expect(keys.user.map { String(decoding: bytes[$0], as: UTF8.self) } == #"a \"b\""#)
        #expect(try scan(#"{"user":7,"messages":[{"input":"x"}]}"#).user == nil)
    }

    @Test("a key that is spelled with escapes is the key an engine reads")
    func escapedKeys() throws {
        let text = #"{"mod\u0065l":"other","str\u0065am":true}"#
        let keys = try scan(text)
        #expect(part(text, try #require(keys.model)) == "other")
        #expect(keys.streams)
        #expect(throws: JSONKeyFault.repeatedModel) { try scan(#"{"model":"a","\u006dodel":"b"}"#) }
        #expect(throws: JSONKeyFault.malformed) { try scan(#"{"mod\xl":"a"}"#) }
    }

    @Test("escaped keys are read as they are spelled, and those too long to be one are not read")
    func spelled() throws {
        let all = "stream_options".unicodeScalars.map { "\\u00" + String($0.value, radix: 16) }.joined()
        #expect(try scan("{\"\(all)\":{\"include_usage\":true}}").asksForUsage)
        #expect(try scan(#"{"\u006D\u006fdel":"m","\"\\\/\b\f\n\r\t\u20ac":1}"#).model != nil)
        #expect(throws: JSONKeyFault.malformed) { try scan(#"{"\u006g":1}"#) }
        #expect(throws: JSONKeyFault.malformed) { try scan(#"{"\u00":1}"#) }
        // Neither is decoded: what would be found wrong with them is the engine's affair.
        #expect(try scan("{\"\\x\(String(repeating: "a", count: 83))\":1}") == JSONKeys())
    }

    @Test("a prompt is estimated by its text; images and sounds count for less")
    func promptTokens() throws {
        let words = String(repeating: "four", count: 25).map(String.init).joined() + " "
        let image = "data:image/png;base64," + String(repeating: "iVBORw0K", count: 1600)
        let text = #"{"model":"m","messages":["\#(words)","\#(image)"]}"#
        let keys = try scan(text)
        let estimate = PromptTokens.estimate(keys, of: text.utf8.count)
        #expect((125...135).contains(estimate), "\(estimate)")
    }

    @Test("a body without the keys is well")
    func noKeys() throws {
        let keys = try scan(#"{"input":["a","b"],"model2":"x","stream":false}"#)
        #expect(keys == JSONKeys(promptStart: 9))
        #expect(try scan("{}") == JSONKeys())
        #expect(try scan(#"{"a":"model","b":"c"}"#).model == nil)
    }

    @Test("an escaped model is marked")
    func escaped() throws {
        let keys = try scan(#"{"model":"org\/m\"x"}"#)
        #expect(keys.modelIsEscaped)
    }

    @Test("strings of every length and alignment are skipped to their real end", arguments: 0...40)
    func alignments(_ length: Int) throws {
        let filler = String(repeating: "a", count: length)
        for tail in ["", #"\""#, #"\\"#, #"\\\""#] {
            let text = #"{"x":"\#(filler)\#(tail)","model":"m"}"#
            #expect(part(text, try #require(try scan(text).model)) == "m")
        }
    }

    @Test(
        "what is wrong is said",
        arguments: [
            ("[1]", JSONKeyFault.notAnObject), ("", .notAnObject), ("null", .notAnObject), (#""x""#, .notAnObject),
            (#"{"model":"a","model":"b"}"#, .repeatedModel), (#"{"model":1}"#, .modelNotAString),
            (#"{"model":null}"#, .modelNotAString), (#"{"model":["a"]}"#, .modelNotAString),
            (#"{"model":"a""#, .unfinished), (#"{"model":"a"#, .unfinished), (#"{"model":"a\"#, .unfinished),
            (#"{"model""#, .unfinished), (#"{"model":"#, .unfinished), ("{", .unfinished),
            (#"{"model" "a"}"#, .malformed), (#"{"model":"a"}{"#, .malformed), (#"{"model":"a"} x"#, .malformed),
        ])
    func faults(_ text: String, _ fault: JSONKeyFault) { #expect(throws: fault) { try scan(text) } }

    @Test("nesting without end is refused")
    func depth() {
        let text = #"{"a":"# + String(repeating: "[", count: 100_000)
        #expect(throws: JSONKeyFault.tooDeep) { try scan(text) }
    }

    @Test("bytes at random never read out of bounds")
    func random() {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array(#"{}[]":,\ model stream true1"#.utf8)
        for _ in 0..<20_000 {
            let bytes =
                [UInt8(ascii: "{")]
                + (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                    alphabet.randomElement(using: &generator) ?? 0
                }
            _ = try? bytes.withUnsafeBytes { try JSONKeyScanner.scan($0) }
        }
    }

    private func scan(_ text: String) throws -> JSONKeys {
        try Array(text.utf8).withUnsafeBytes { try JSONKeyScanner.scan($0) }
    }

    private func part(_ text: String, _ range: Range<Int>) -> String {
        String(decoding: Array(text.utf8)[range], as: UTF8.self)
    }
}
