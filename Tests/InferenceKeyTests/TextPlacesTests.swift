import ConformanceVectors
import Testing

@testable import InferenceKey

@Suite("reading a text without building the JSON around it")
struct TextPlacesTests {
    static let texts: [String] = {
        let vectors = ConformanceCase.all("json-texts").compactMap { $0.given["text"]?.stringValue }
        let deep = [127, 128, 129, 130].flatMap { depth in
            ["", "1", "{}"].map { String(repeating: "[", count: depth) + $0 + String(repeating: "]", count: depth) }
        }
        return vectors + deep + [
            #"{"choices":[{"delta":{"content":"é\n\u00e9\ud83d\ude00"},"finish_reason":"stop"}],"usage":null}"#,
            #"{"a":1,"b":[true,false,null,-0.5e+3],"c":{"a":{}}}"#, #"{"a":1,"\u0061":2}"#, #"{"a":1,"a":2}"#,
            #"{"choices":[{"text":"sixteen and more plain bytes, é, \"quoted\" and on"}]}"#,
            #"["\ud83d"]"#, #"["\ude00\ud83d"]"#, #"["\x"]"#, "[1,]", "{,}", "[01]", "[1.]", "[1e]", "[-]", "nul", "",
        ]
    }()

    @Test("what is JSON for the parser is JSON here, with each text cut or changed at every place", arguments: texts)
    func sameVerdict(_ text: String) {
        let bytes = Array(text.utf8)
        var variants = [bytes]
        for place in bytes.indices.prefix(200) {
            variants.append(Array(bytes[..<place]))
            for byte in Array(#""\{}[],: 0u"#.utf8) + [0x1F, 0x7F] {
                var changed = bytes
                changed[place] = byte
                variants.append(changed)
            }
        }
        for variant in variants {
            guard let variant = String(validating: variant, as: UTF8.self) else { continue }
            let isJSON = (try? JSONValue(parsing: variant)) != nil
            #expect((TextPlaces(variant) != nil) == isJSON, "\(variant)")
        }
    }

    @Test("a chunk says what its JSON says")
    func chunk() throws {
        let data =
            #" { "choices" : [ {"finish_reason":"st\u006fp","delta":{"role":"a","content":"\"é\" 👋"}}, {"text":"no"} ],"#
            + #""usage":{"prompt_tokens":1,"completion_tokens":2},"error":null} "#
        let chunk = try #require(TextChunk(data: data))
        #expect((chunk.text, chunk.finishReason, chunk.usage?.totalTokens) == ("\"é\" 👋", "stop", 3))
        #expect(chunk.raw == (try JSONValue(parsing: data)))
        #expect(!chunk.isFailure)
    }

    @Test(
        "a member of another type counts as absent",
        arguments: [
            #"{"choices":[{"delta":{"content":null},"finish_reason":3}]}"#, #"{"choices":{}}"#, #"{"choices":[]}"#,
            #"{"choices":[1]}"#, #"{"choices":[{"delta":[{"content":"x"}]}]}"#, "[]", "3", "null",
        ])
    func absent(_ data: String) throws {
        let chunk = try #require(TextChunk(data: data))
        #expect((chunk.text, chunk.finishReason, chunk.usage) == ("", nil, nil))
    }

    @Test("the older completions and a failure")
    func others() throws {
        #expect(TextChunk(data: #"{"choices":[{"text":"x"}]}"#)?.text == "x")
        #expect(TextChunk(data: #"{"error":{"message":"x"}}"#)?.isFailure == true)
        #expect(TextChunk(data: #"{"error":"\u0041"}"#)?.isFailure == true)
    }
}
