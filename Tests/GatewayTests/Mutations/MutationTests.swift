import InferenceKeyWire
import NIOCore
import Testing

@testable import Gateway

/// Every reader of foreign bytes is given thousands of damaged inputs: it may refuse them, and may never read past their
/// end (which stops a debug build).
@Suite("damaged input")
struct MutationTests {
    static let rounds = 4000

    @Test("request heads")
    func requestHeads() {
        let seed =
            "POST /endpoint/acme/chat/v1/chat/completions?a=b HTTP/1.1\r\nHost: x:80\r\nContent-Length: 12\r\n"
            + "Transfer-Encoding: chunked\r\nConnection: close, x-a\r\nX-A: b\r\nAuthorization: Bearer ik_live_0\r\n\r\n"
        var fields: [FieldSpan] = []
        mutate(seed) { bytes in
            guard let length = try? HeadEnd.find(bytes, scanned: 0, limitBytes: 4096) else { return }
            guard let head = try? RequestHeadParser.parse(bytes, length: length, into: &fields) else { return }
            _ = try? EndpointTarget(bytes, head.target)
            _ = PresentedCredential(bytes, head)
        }
    }

    @Test("credentials")
    func credentials() {
        let seed = "GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(Rig.key.revealed)\r\n\r\n"
        var fields: [FieldSpan] = []
        mutate(seed) { bytes in
            guard let length = try? HeadEnd.find(bytes, scanned: 0, limitBytes: 4096),
                let head = try? RequestHeadParser.parse(bytes, length: length, into: &fields)
            else { return }
            _ = PresentedCredential(bytes, head)
        }
    }

    @Test("answers")
    func answers() {
        let seed =
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
            + "1f\r\ndata: {\"delta\":{\"content\":\"a\"}}\n\n\r\n5\r\ndata:\r\n2\r\n\n\n\r\n0\r\n\r\n"
        var fields: [FieldSpan] = []
        mutate(seed) { bytes in
            let head = try? AnswerHeadParser.parse(
                bytes, scanned: 0, limitBytes: 4096, answersHead: false, into: &fields)
            guard let head else { return }
            let tap = AnswerTap()
            tap.start(isEventStream: true, engineSaysUsage: false)
            var body = AnswerBody(head.framing)
            let progress = body.read(bytes.part(head.length..<bytes.count), tap: tap)
            #expect(progress.whole <= progress.taken)
            _ = tap.figures()
        }
    }

    @Test("request bodies")
    func requestBodies() {
        mutate("4\r\nWiki\r\nA\r\n0123456789\r\n0\r\n\r\nGET / HTTP/1.1\r\n") { bytes in
            var body = RequestBody(.chunked)
            var inbound = ByteBuffer(bytes: bytes)
            _ = body.read(from: &inbound, limitBytes: 100)
        }
    }

    @Test("JSON bodies")
    func json() {
        mutate(#"{"messages":[{"a":"\"\\"}],"model":"tiny","stream":true,"stream_options":{"include_usage":true}}"#) {
            bytes in
            guard let keys = try? JSONKeyScanner.scan(bytes), let model = keys.model else { return }
            #expect(model.upperBound < bytes.count)
        }
    }

    @Test("multipart bodies")
    func multipart() {
        let type = Array("multipart/form-data; boundary=XX".utf8)
        mutate("--XX\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper\r\n--XX--\r\n") { bytes in
            _ = try? MultipartModel.find(bytes, contentType: type)
            _ = try? MultipartModel.find(bytes, contentType: Array(bytes))
        }
    }

    @Test("usage")
    func usage() {
        mutate(
            #"{"x":"y","usage" : {"prompt_tokens": 12,"completion_tokens":3,"d":{"a":[1]}},"timings":{"prompt_n":1}}"#
        ) {
            var finder = UsageFinder()
            finder.read($0)
            finder.read($0)
        }
    }

    /// Damages `seed` again and again: bytes changed, cut out, repeated, the end cut off.
    private func mutate(_ seed: String, _ read: (UnsafeRawBufferPointer) -> Void) {
        var generator = SeededGenerator(state: 42)
        let original = Array(seed.utf8)
        let spice = Array("\r\n \t\0:;,{}[]\"\\0fgG%-\u{7F}".utf8)
        for _ in 0..<Self.rounds {
            var bytes = original
            for _ in 0...Int.random(in: 0...3, using: &generator) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0...4, using: &generator) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes[place] = spice.randomElement(using: &generator) ?? 0
                case 2: bytes.remove(at: place)
                case 3: bytes.insert(contentsOf: bytes[place...].prefix(8), at: place)
                default: bytes.removeSubrange(place...)
                }
            }
            bytes.withUnsafeBytes(read)
        }
    }
}

/// The same numbers in every run (SplitMix64).
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
