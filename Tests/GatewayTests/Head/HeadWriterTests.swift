import Fleet
import NIOCore
import Testing

@testable import Gateway

@Suite struct HeadWriterTests {
    @Test(arguments: [0, 7, 10, 99, 100, 1_000_000, 999_999_999_999_999_999, 1_000_000_000_000_000_000, Int.max])
    func writesDecimals(_ value: Int) {
        #expect(text { $0.writeDecimal(value) } == String(value))
    }

    @Test func writesPartsBehindEachOther() {
        let bytes = Array("abc".utf8)
        let written = text { out in
            out.write("GET")
            out.write(" ")
            bytes.withUnsafeBytes { out.write($0) }
            out.writeDecimal(12)
            out.write("")
        }
        #expect(written == "GET abc12")
    }

    @Test func writesIDsInHexadecimalDigits() {
        #expect(RequestID(high: 0x0123_4567, low: 0x89AB_CDEF_0000_00FF).text == "req_0123456789abcdef000000ff")
        #expect(RequestID(high: .max >> 32, low: 0x0A0F_9090_A5A5_FFFF).text == "req_ffffffff0a0f9090a5a5ffff")
        var line = ByteBuffer()
        RequestID(high: 1, low: 2).writeLine(into: &line)
        #expect(String(buffer: line) == "x-request-id: req_000000010000000000000002\r\n")
    }

    @Test func linesOfLimitsFitIntoTheirMost() {
        let limits = KeyLimits(requestsPerMinute: .max, tokensPerMinute: .max)
        let state = RateState(
            limits: limits, resetMilliseconds: .max, remainingRequests: .max, remainingTokens: .max)
        let written = text(atMost: RateState.maxHeaderBytes) { state.write(into: &$0) }
        #expect(written.split(separator: "\r\n").count == 6)
        #expect(written.hasSuffix("x-ratelimit-reset-tokens: \(Int.max)ms\r\n"))
    }

    @Test(arguments: [(nil, "other"), (10..<13, "served"), (10..<13, "")] as [(Range<Int>?, String)])
    func bodyCarriesTheNameThatTheEngineKnows(_ model: Range<Int>?, _ served: String) {
        let body = #"{"model":"abc","stream":true}"#
        let replica = Replica(address: Address(host: "127.0.0.1", port: 1))
        replica.update(
            Upstream(
                replicaID: ID("rp_1"), host: "127.0.0.1", port: 1, engineKey: "", servedName: served,
                isDraining: false))
        let forwarded = ForwardedBody(ByteBuffer(string: body), model: model, isJSON: true, for: replica)
        let expected = model == nil || served.isEmpty ? body : body.replacing("abc", with: served)
        #expect(text { forwarded.write(into: &$0) } == expected)
        #expect(forwarded.byteCount == expected.utf8.count)
        #expect(forwarded.pieces.map { String(buffer: $0) }.joined() == expected)
    }

    private func text(atMost bytes: Int = 64, _ write: (inout HeadWriter) -> Void) -> String {
        var buffer = ByteBuffer()
        buffer.writeHead(atMost: bytes, write)
        return String(buffer: buffer)
    }
}
