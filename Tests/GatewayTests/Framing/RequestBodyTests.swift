import NIOCore
import Testing

@testable import Gateway

@Suite("request body")
struct RequestBodyTests {
    @Test("a chunked body comes out of its chunks at whatever byte it is split")
    func chunked() {
        let bytes = Array("4\r\nWiki\r\n5\r\npedia\r\n0\r\n\r\nGET".utf8)
        for split in 0...bytes.count {
            var body = RequestBody(.chunked)
            var inbound = ByteBuffer(bytes: bytes[..<split])
            var end = body.read(from: &inbound, limitBytes: 100)
            inbound.writeBytes(bytes[split...])
            if end == .more { end = body.read(from: &inbound, limitBytes: 100) }
            #expect(end == .ended)
            #expect(String(buffer: body.bytes) == "Wikipedia")
            #expect(String(buffer: inbound) == "GET")
            #expect(body.isComplete)
        }
    }

    @Test("a body over the limit is refused as soon as that is known")
    func tooLarge() {
        var body = RequestBody(.chunked)
        var inbound = ByteBuffer(string: "ffffff\r\n0123456789")
        #expect(body.read(from: &inbound, limitBytes: 9) == .tooLarge)
    }

    @Test("a body of declared length takes that and no more")
    func length() {
        var body = RequestBody(.length(5))
        var inbound = ByteBuffer(string: "hel")
        #expect(body.read(from: &inbound, limitBytes: 9) == .more)
        #expect(body.remainingBytes == 2)
        inbound = ByteBuffer(string: "loGET")
        #expect(body.read(from: &inbound, limitBytes: 9) == .ended)
        #expect(String(buffer: body.bytes) == "hello")
        #expect(String(buffer: inbound) == "GET")
    }
}
