import InferenceKeyWire
import Testing
import Worker

@Suite("What an engine writes is cut into lines")
struct LineSplitterTests {
    private func pieces(_ text: String, piece: Int, maxLineBytes: Int = 4096) -> [LineSplitter.Piece] {
        var splitter = LineSplitter(maxLineBytes: maxLineBytes)
        let bytes = Array(text.utf8)
        var found: [LineSplitter.Piece] = []
        for start in stride(from: 0, to: bytes.count, by: piece) {
            found += splitter.read(Array(bytes[start..<min(bytes.count, start + piece)]))
        }
        if let last = splitter.finish() { found.append(last) }
        return found
    }

    @Test("lines are the same however their bytes arrive", arguments: [1, 2, 3, 7, 1000])
    func lines(piece: Int) {
        #expect(pieces("one\ntwo ö\n\nlast", piece: piece) == [.line("one"), .line("two ö"), .line(""), .line("last")])
    }

    @Test("a progress bar is one line with many updates")
    func progressBar() {
        let found = pieces("a:  10%\ra:  50%\ra: 100%\nnext\n", piece: 1000)
        #expect(found == [.update("a:  10%"), .update("a:  50%"), .line("a: 100%"), .line("next")])
    }

    @Test("CRLF ends one line")
    func carriageReturns() {
        #expect(pieces("one\r\ntwo\r\n", piece: 1000) == [.line("one"), .line("two")])
    }

    @Test("a line without an end is cut at its limit and says so")
    func longLine() {
        let found = pieces(String(repeating: "x", count: 100) + "\nnext\n", piece: 7, maxLineBytes: 10)
        #expect(found == [.line("xxxxxxxxxx … (90 more bytes)"), .line("next")])
    }

    @Test("terminal colours are dropped, tabs are kept")
    func escapes() {
        #expect(pieces("\u{1B}[31mred\u{1B}[0m\tend\n", piece: 1000) == [.line("red\tend")])
    }

    @Test("bytes that are no UTF-8 do no harm")
    func invalid() {
        var splitter = LineSplitter()
        #expect(splitter.read([0xFF, 0x41, 0x0A]) == [.line("\u{FFFD}A")])
    }
}

@Suite("The newest lines are kept")
struct LogRingTests {
    @Test("older lines fall out")
    func falls() {
        var ring = LogRing(maxLines: 3)
        for number in 1...5 { ring.append("\(number)", at: Timestamp(milliseconds: Int64(number))) }
        #expect(ring.tail(10).map(\.text) == ["3", "4", "5"])
        #expect(ring.tail(2).map(\.text) == ["4", "5"])
        #expect(ring.tail(0).isEmpty)
        #expect(ring.tail(-1).isEmpty)
    }

    @Test("a reader goes on where it was, and does not see lines twice")
    func follows() {
        var ring = LogRing(maxLines: 3)
        for number in 0..<2 { ring.append("\(number)", at: Timestamp(milliseconds: 0)) }
        #expect(ring.lines(from: 0, limit: 10).map(\.text) == ["0", "1"])
        for number in 2..<7 { ring.append("\(number)", at: Timestamp(milliseconds: 0)) }
        #expect(ring.lines(from: 2, limit: 10).map(\.text) == ["4", "5", "6"])
        #expect(ring.lines(from: 5, limit: 1).map(\.text) == ["5"])
        #expect(ring.lines(from: 7, limit: 10).isEmpty)
    }
}
