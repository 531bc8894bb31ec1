import Testing

@testable import Gateway

@Suite("answer body")
struct AnswerBodyTests {
    @Test("an event stream can be cut only where a chunk and an event end together")
    func wholeEvents() {
        let stream = "a\r\ndata: {1}\n\r\n1\r\n\n\r\nb\r\ndata: {2}\n\n\r\n0\r\n\r\n"
        let bytes = Array(stream.utf8)
        // After the second chunk, which completes the first event; after the third; at the end.
        let firstEvent = "a\r\ndata: {1}\n\r\n1\r\n\n\r\n".utf8.count
        let secondEvent = firstEvent + "b\r\ndata: {2}\n\n\r\n".utf8.count
        for count in 0...bytes.count {
            let tap = AnswerTap()
            tap.start(isEventStream: true, engineSaysUsage: false)
            var body = AnswerBody(.chunked)
            let progress = bytes.prefix(count).withUnsafeBytes { body.read($0, tap: tap) }
            #expect(progress.taken == count)
            let expected =
                count == bytes.count ? count : count >= secondEvent ? secondEvent : count >= firstEvent ? firstEvent : 0
            #expect(progress.whole == expected, "\(count)")
            #expect(progress.end == (count == bytes.count ? .ended : .more))
        }
    }

    @Test("bytes past the declared length do not belong to the answer")
    func length() {
        var body = AnswerBody(.length(5))
        let progress = Array("helloEXTRA".utf8).withUnsafeBytes { body.read($0, tap: nil) }
        #expect(progress == .init(taken: 5, whole: 5, end: .ended))
    }

    @Test("garbage between chunks is noticed, and the whole events before it stand")
    func garbage() {
        let tap = AnswerTap()
        tap.start(isEventStream: true, engineSaysUsage: false)
        var body = AnswerBody(.chunked)
        let good = "b\r\ndata: {1}\n\n\r\n"
        let progress = Array((good + "zz\r\n").utf8).withUnsafeBytes { body.read($0, tap: tap) }
        #expect(progress.end == .malformed)
        #expect(progress.whole == good.utf8.count)
    }
}
