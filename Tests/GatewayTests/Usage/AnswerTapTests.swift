import Testing

@testable import Gateway

@Suite("usage of an answer")
struct AnswerTapTests {
    @Test("the engine's own figures count, wherever in the tail they stand")
    func engineFigures() {
        let openAI =
            #"{"choices":[{"text":"\"usage\":{\"prompt_tokens\":9}"}],"usage":{"prompt_tokens":11,"total_tokens":16,"completion_tokens":5,"prompt_tokens_details":{"prompt_tokens":1}},"id":"x"}"#
        #expect(figures(openAI) == UsageFigures(tokensIn: 11, tokensOut: 5))
        let anthropic = #"{"content":[],"usage": { "input_tokens": 7, "output_tokens": 3 } }"#
        #expect(figures(anthropic) == UsageFigures(tokensIn: 7, tokensOut: 3))
        #expect(figures(#"{"usage":null}"#) == UsageFigures())
        #expect(figures(#"{"usage":{"prompt_tokens":11"#) == UsageFigures())
    }

    @Test(
        "figures count wherever in an answer they stand, and however it is split",
        arguments: [1, 7, 64, 1023, 5000, 40_000])
    func anywhere(_ size: Int) {
        let said = #""usage" : {"prompt_tokens":1000,"completion_tokens":50}"#
        let filler = #"[\#(String(repeating: #"{"logprob":"usage"},"#, count: 900))1]"#
        let text = #"{"a":\#(filler),\#(said),"prompt_logprobs":\#(filler)}"#
        for isStream in [false, true] {
            let tap = AnswerTap()
            tap.start(isEventStream: isStream, engineSaysUsage: isStream)
            for piece in Array((isStream ? "data: \(text)\n\ndata: [DONE]\n\n" : text).utf8).pieces(of: size) {
                piece.withUnsafeBytes { tap.read($0) }
            }
            #expect(tap.figures(.text, promptTokens: 9) == UsageFigures(tokensIn: 1000, tokensOut: 50))
        }
    }

    @Test("what an engine repeats of a request does not lower what it used")
    func repeated() {
        let said = #""usage":{"prompt_tokens":1000,"completion_tokens":50}"#
        for fake in [
            #""usage":{"prompt_tokens":0,"completion_tokens":0}"#, #""usage":{"x":"\"{"}"#, #""usage":{"y":[1]}"#,
            #""usage":{"a":"\#(String(repeating: "}", count: 2000))"}"#,
        ] {
            #expect(figures("{\(fake),\(said)}") == UsageFigures(tokensIn: 1000, tokensOut: 50), "\(fake)")
            #expect(figures("{\(said),\(fake)}") == UsageFigures(tokensIn: 1000, tokensOut: 50), "\(fake)")
        }
    }

    @Test("both ends of an Anthropic stream count")
    func bothEnds() {
        let text =
            #"data: {"type":"message_start","message":{"usage":{"input_tokens":12,"output_tokens":0}}}"# + "\n\n"
            + #"data: {"type":"message_delta","usage":{"output_tokens":8}}"# + "\n\n"
        #expect(stream(text, 50).figures() == UsageFigures(tokensIn: 12, tokensOut: 8))
    }

    @Test("an answer that says nothing is estimated where it has tokens, and marked so")
    func untold() {
        let text = #"{"choices":[{"text":"\#(String(repeating: "word ", count: 80))"}]}"#
        let tap = AnswerTap()
        tap.start(isEventStream: false, engineSaysUsage: false)
        Array(text.utf8).withUnsafeBytes { tap.read($0) }
        let tokensOut = text.utf8.count / 4
        #expect(
            tap.figures(.text, promptTokens: 9) == UsageFigures(tokensIn: 9, tokensOut: tokensOut, isEstimated: true))
        #expect(tap.figures(.prompt, promptTokens: 9) == UsageFigures(tokensIn: 9, isEstimated: true))
        #expect(tap.figures() == UsageFigures())
        #expect(!tap.isTold)
    }

    @Test("reasoning and the arguments of tools are text, and a stream's prompt is estimated")
    func otherTexts() {
        let deltas = [
            #""reasoning":"a""#, #""reasoning_content":"a""#, #""thinking":"a""#, #""partial_json":"a""#,
            #""content":"a""#,
            #""arguments":"a""#, #""reasoning":"""#, #""role":"assistant""#,
        ]
        let text = deltas.map { #"data: {"choices":[{"delta":{\#($0)}}]}"# + "\n\n" }.joined()
        for size in [5, 5000] {
            let told = stream(text, size).figures(.text, promptTokens: 7)
            #expect(told == UsageFigures(tokensIn: 7, tokensOut: 6, isEstimated: true))
        }
    }

    @Test("figures at the very start of a long answer count too")
    func opening() {
        let text =
            #"{"model":"m","usage":{"prompt_tokens":4,"total_tokens":4},"data":[\#(String(repeating: "0.1,", count: 2000))1]}"#
        #expect(figures(text) == UsageFigures(tokensIn: 4, tokensOut: 0))
    }

    @Test("figures are found however the answer is split", arguments: [1, 3, 7, 64, 700, 2047, 2048, 5000])
    func splits(_ size: Int) {
        let text = String(repeating: "x", count: 9000) + #""usage":{"prompt_tokens":11,"completion_tokens":5}}"#
        let tap = AnswerTap()
        tap.start(isEventStream: false, engineSaysUsage: false)
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            rest.prefix(size).withUnsafeBytes { tap.read($0) }
            rest = rest.dropFirst(size)
        }
        #expect(tap.figures() == UsageFigures(tokensIn: 11, tokensOut: 5))
    }

    @Test("a stream that does not say what it used is counted by its events with text")
    func counted() {
        let events = [
            #"data: {"choices":[{"delta":{"role":"assistant","content":""}}]}"#,
            #"data: {"choices":[{"delta":{"content":"Hel"}}]}"#, #"data: {"choices":[{"delta":{"content": "lo"}}]}"#,
            ": ping", #"data: {"choices":[{"text":" you"}]}"#,
            #"data: {"choices":[{"delta":{},"finish_reason":"stop"}]}"#,
            "data: [DONE]",
        ]
        let text = events.joined(separator: "\n\n") + "\n\n"
        for size in [1000, 1, 2, 3, 5, 7, 11, 16, 17, 30, 64] {
            let tap = stream(text, size)
            #expect(tap.figures() == UsageFigures(tokensOut: 3, isEstimated: true))
            #expect(tap.events == 6)
            #expect(tap.isBetweenEvents)
        }
        #expect(stream(String(text.dropLast()), 1000).isBetweenEvents == false)
    }

    @Test("a stream that should have said what it used and broke off is counted by its events")
    func brokenOff() {
        let tap = AnswerTap()
        tap.start(isEventStream: true, engineSaysUsage: true)
        let event = #"data: {"choices":[{"delta":{"content":"Hel"}}],"usage":null}"# + "\n\n"
        Array((event + event + event).utf8).withUnsafeBytes { tap.read($0) }
        #expect(tap.figures() == UsageFigures(tokensOut: 3, isEstimated: true))
    }

    @Test("events are told apart by LF and by CRLF, at whatever byte they are split", arguments: [1, 2, 3, 5, 100])
    func lineEnds(_ size: Int) {
        for text in ["data: a\n\ndata: b\n\n: c\n\n", "data: a\r\n\r\ndata: b\r\n\r\n: c\r\n\r\n"] {
            let tap = stream(text, size)
            #expect(tap.events == 2)
            #expect(tap.isBetweenEvents)
        }
    }

    @Test("the figures in a stream's last event win over counting")
    func streamedFigures() {
        let text =
            #"data: {"choices":[{"delta":{"content":"Hel"}}],"usage":null}"# + "\n\n"
            + #"data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":9}}"# + "\n\ndata: [DONE]\n\n"
        #expect(stream(text, 20).figures() == UsageFigures(tokensIn: 3, tokensOut: 9))
    }

    @Test("llama-server's timings count where a stream has no usage")
    func timings() {
        let text =
            #"data: {"choices":[{"delta":{"content":"Hel"}}]}"# + "\n\n"
            + #"data: {"choices":[{"finish_reason":"stop","delta":{}}],"timings":{"cache_n":7,"prompt_n":3,"prompt_ms":1.5,"predicted_n":9}}"#
            + "\n\ndata: [DONE]\n\n"
        #expect(stream(text, 4000).figures() == UsageFigures(tokensIn: 10, tokensOut: 9))
    }

    private func figures(_ text: String) -> UsageFigures {
        let tap = AnswerTap()
        tap.start(isEventStream: false, engineSaysUsage: false)
        Array(text.utf8).withUnsafeBytes { tap.read($0) }
        return tap.figures()
    }

    private func stream(_ text: String, _ size: Int) -> AnswerTap {
        let tap = AnswerTap()
        tap.start(isEventStream: true, engineSaysUsage: false)
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            rest.prefix(size).withUnsafeBytes { tap.read($0) }
            rest = rest.dropFirst(size)
        }
        return tap
    }
}

extension AnswerTap {
    /// Whether the stream stands between two events.
    fileprivate var isBetweenEvents: Bool { [UInt8]().withUnsafeBytes { beginLook(at: $0).isBetweenEvents } }
}

extension [UInt8] {
    fileprivate func pieces(of size: Int) -> [[UInt8]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
