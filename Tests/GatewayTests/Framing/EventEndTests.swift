import Testing

@testable import Gateway

@Suite("event end")
struct EventEndTests {
    @Test(
        "the last empty line ends the last whole event, wherever reads part it",
        arguments: [
            "data: 1\n\nda", "data: 1\r\n\r\nda", "a: 1\r\rb", "a\n\r\nb", "a\n\nb\n\nc\n", "a\nb\nc", "\n", "",
        ])
    func found(_ text: String) {
        let bytes = Array(text.utf8)
        var events = 0
        let ends = ["\n\n", "\r\n\r\n", "\r\r", "\n\r\n"].compactMap { end in
            bytes.indices.last { bytes[$0...].starts(with: end.utf8) }.map { $0 + end.utf8.count }
        }
        events = ends.max() ?? 0
        for seen in 0...bytes.count where seen < events || events == 0 {
            #expect(bytes.withUnsafeBytes { EventEnd.last(in: $0, from: seen) } == events, "\(seen)")
        }
    }
}
