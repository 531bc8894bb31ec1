import NIOCore
import Testing

@testable import Gateway

/// The cases of the W3C's own test suite for Trace Context, as far as they are about one header.
@Suite("W3C Trace Context")
struct TraceContextTests {
    private static let trace = "0af7651916cd43dd8448eb211c80319c"
    private static let span = "b7ad6b7169203331"

    private func parse(_ text: String) -> TraceParent? { Array(text.utf8).withUnsafeBytes { TraceParent($0) } }

    @Test(
        "a valid traceparent is read",
        arguments: [
            ("00-\(trace)-\(span)-01", true), ("00-\(trace)-\(span)-00", false), ("00-\(trace)-\(span)-03", true),
            ("00-\(trace)-\(span)-ff", true), ("00-\(trace)-\(span)-fe", false), ("cc-\(trace)-\(span)-01", true),
            ("cc-\(trace)-\(span)-01-what-the-future-will-be-like", true), ("01-\(trace)-\(span)-00-", false),
        ])
    func valid(text: String, isSampled: Bool) throws {
        let parent = try #require(parse(text))
        #expect(parent.traceHigh == 0x0af7_6519_16cd_43dd && parent.traceLow == 0x8448_eb21_1c80_319c)
        #expect(parent.span == 0xb7ad_6b71_6920_3331)
        #expect(parent.isSampled == isSampled)
    }

    @Test(
        "an invalid traceparent is none",
        arguments: [
            "", "-", "00", "00-\(trace)", "00-\(trace)-\(span)", "00-\(trace)-\(span)-", "00-\(trace)-\(span)-1",
            "00-\(trace)-\(span)-001", "00-\(trace)-\(span)-01-", "00-\(trace)-\(span)-01-future",
            "00-\(trace)-\(span)-01.", "cc-\(trace)-\(span)-01.what-the-future-will-be-like", "ff-\(trace)-\(span)-01",
            ".0-\(trace)-\(span)-01", "0.-\(trace)-\(span)-01", "0-\(trace)-\(span)-01", "000-\(trace)-\(span)-01",
            "00-00000000000000000000000000000000-\(span)-01", "00-\(trace)-0000000000000000-01",
            "00-.\(trace.dropFirst())-\(span)-01", "00-\(trace.dropLast()).-\(span)-01", "00-\(trace)0-\(span)-01",
            "00-\(trace.dropLast())-\(span)-01", "00-\(trace)-.\(span.dropFirst())-01",
            "00-\(trace)-\(span.dropLast()).-01", "00-\(trace)-\(span)0-01", "00-\(trace)-\(span.dropLast())-01",
            "00-\(trace)-\(span)-.0", "00-\(trace)-\(span)-0.", "00-\(trace.uppercased())-\(span)-01",
            "00-\(trace)-\(span.uppercased())-01", "CC-\(trace)-\(span)-01", "00-\(trace)-\(span)-0A",
            "00_\(trace)_\(span)_01",
        ])
    func invalid(text: String) { #expect(parse(text) == nil) }

    @Test("what is written is read again as it was")
    func roundTrip() throws {
        let parent = TraceParent(traceHigh: 1, traceLow: .max, span: 0xabc, isSampled: true)
        var buffer = ByteBuffer()
        parent.write(into: &buffer)
        #expect(String(buffer: buffer) == "00-0000000000000001ffffffffffffffff-0000000000000abc-01")
        #expect(parse(String(buffer: buffer)) == parent)
    }

    private static let long = String(repeating: "a", count: 256)

    @Test(
        "a valid tracestate is passed on",
        arguments: [
            "foo=1", "foo=1,bar=2", "foo=1 \t , \t bar=2", "foo=1,", "foo=1,,bar=2", "foo=1, ,bar=2", "foo=1,foo=2",
            "fw529a3039@dt=FfnfnQ", "0a=1", "1a-_*/=x", "\(long)=1", "foo=\(long)", "0@a=1", "foo= a b",
            (0..<32).map { "k\($0)=1" }.joined(separator: ","),
            String(repeating: "t", count: 241) + "@" + String(repeating: "s", count: 14) + "=1",
        ])
    func validState(text: String) { #expect(Array(text.utf8).withUnsafeBytes { TraceState.isValid($0) }) }

    @Test(
        "an invalid tracestate is not",
        arguments: [
            "", ",", "foo", "foo=", "=1", "foo=1=2", "foo =1", "FOO=1", "foo.bar=1", "foo@=1,bar=2", "@foo=1",
            "foo@@bar=1", "foo@bar@baz=1", "foo@0bar=1", "-a=1", "\(long)a=1", "foo=\(long)a", "foo=é", "foo=a\u{7F}",
            (0..<33).map { "k\($0)=1" }.joined(separator: ","),
            String(repeating: "t", count: 242) + "@v=1", "t@" + String(repeating: "v", count: 15) + "=1",
        ])
    func invalidState(text: String) { #expect(!Array(text.utf8).withUnsafeBytes { TraceState.isValid($0) }) }

    @Test("a share of the traces is sampled, and the same ones everywhere")
    func sampler() {
        var ids = TraceIDs(seed: 7)
        let traces = (0..<10_000).map { _ in ids.next() }
        #expect(traces.allSatisfy(TraceSampler(ratio: 1).samples))
        #expect(!traces.contains(where: TraceSampler(ratio: 0).samples))
        let tenth = traces.filter(TraceSampler(ratio: 0.1).samples)
        #expect((800...1200).contains(tenth.count))
        #expect(tenth.allSatisfy(TraceSampler(ratio: 0.2).samples))
        #expect(Set(traces).count == traces.count)
    }
}
