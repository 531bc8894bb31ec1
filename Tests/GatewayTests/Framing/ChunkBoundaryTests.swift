import Testing

@testable import Gateway

@Suite("chunk boundaries")
struct ChunkBoundaryTests {
    static let body = "4\r\nWiki\r\n6\r\npedia \r\nE\r\nin \r\n\r\nchunks.\r\n0\r\n\r\n"

    @Test("the payload and the end are the same at whatever byte the body is split")
    func everySplit() {
        let bytes = Array(Self.body.utf8)
        for split in 0...bytes.count {
            var chunks = ChunkBoundary(isStrict: true)
            let first = read(&chunks, Array(bytes[..<split]))
            let second = read(&chunks, Array(bytes[split...]) + Array("next".utf8))
            #expect(first.payload + second.payload == Array("Wikipedia in \r\n\r\nchunks.".utf8))
            #expect((split == bytes.count ? first.end : second.end) == .ended)
            #expect(first.ends + second.ends == 3)
        }
    }

    @Test("the payload is the same byte by byte")
    func byteByByte() {
        var chunks = ChunkBoundary(isStrict: true)
        var payload: [UInt8] = []
        var end = ChunkBoundary.Step.more
        for byte in Self.body.utf8 {
            let read = read(&chunks, [byte])
            payload += read.payload
            end = read.end
        }
        #expect(payload == Array("Wikipedia in \r\n\r\nchunks.".utf8))
        #expect(end == .ended)
    }

    @Test("what follows the end is not touched")
    func leavesTheRest() {
        var chunks = ChunkBoundary(isStrict: true)
        let bytes = Array("1\r\na\r\n0\r\n\r\nGET /".utf8)
        var position = 0
        bytes.withUnsafeBytes { raw in
            while case let step = chunks.next(raw, &position), step != .ended { #expect(step != .malformed) }
        }
        #expect(String(decoding: bytes[position...], as: UTF8.self) == "GET /")
    }

    @Test(
        "anything but plain chunks is refused where it could smuggle",
        arguments: [
            "\r\n", "g\r\n", " 1\r\na\r\n", "1 \r\na\r\n", "+1\r\na\r\n", "0x1\r\na\r\n", "1\na\n", "1\r\nab\r\n",
            "1\r\na\n", "1;x=y\r\na\r\n", "0\r\nX: y\r\n\r\n", "0\r\n\n", "-1\r\n", "1111111111111111\r\n",
        ])
    func strict(_ text: String) {
        var chunks = ChunkBoundary(isStrict: true)
        #expect(read(&chunks, Array(text.utf8)).end == .malformed)
    }

    @Test("extensions and trailers of an engine are passed over")
    func lenient() {
        var chunks = ChunkBoundary(isStrict: false)
        let read = read(&chunks, Array("3;a=\"b\"\r\nabc\r\n0;z\r\nX-T: 1\r\nY: 2\r\n\r\n".utf8))
        #expect(read.payload == Array("abc".utf8))
        #expect(read.end == .ended)
    }

    private func read(
        _ chunks: inout ChunkBoundary, _ bytes: [UInt8]
    ) -> (payload: [UInt8], ends: Int, end: ChunkBoundary.Step) {
        var payload: [UInt8] = []
        var ends = 0
        var position = 0
        return bytes.withUnsafeBytes { raw in
            while true {
                let step = chunks.next(raw, &position)
                switch step {
                case .chunk(let range):
                    payload += raw[range]
                    ends += 1
                case .payload(let range): payload += raw[range]
                case .chunkEnd: ends += 1
                case .ended, .more, .malformed: return (payload, ends, step)
                }
            }
        }
    }
}
