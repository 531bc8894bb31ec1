import InferenceKeyWire
import Testing

@testable import Manager

@Suite("A form that arrives in pieces")
struct MultipartTests {
    private let body = Array(
        ("--xyz\r\ncontent-disposition: form-data; name=\"slug\"\r\n\r\nsentiment\r\n"
            + "--xyz\r\nContent-Disposition: form-data; filename=\"a \\\"b\\\".tar.gz\"; name=\"file\"\r\n"
            + "content-type: application/gzip\r\n\r\n\r\n--xy\r\nnot yet\r\n"
            + "--xyz\r\ncontent-disposition: form-data; name=empty\r\n\r\n\r\n--xyz--\r\nepilogue").utf8)

    /// The parts with their content, put together again.
    private func parts(in pieces: [[UInt8]]) throws -> [String] {
        var reader = MultipartReader(boundary: "xyz")
        var parts: [String] = []
        var content: [UInt8] = []
        for piece in pieces {
            for event in try reader.read(piece) {
                switch event {
                case .began(let part): parts.append("\(part.name)|\(part.fileName ?? "")|")
                case .content(let bytes): content += bytes
                case .partEnded:
                    parts[parts.count - 1] += String(decoding: content, as: UTF8.self)
                    content = []
                case .ended: parts.append("end")
                }
            }
        }
        return reader.hasEnded ? parts : parts + ["unfinished"]
    }

    private let expected = ["slug||sentiment", "file|a \"b\".tar.gz|\r\n--xy\r\nnot yet", "empty||", "end"]

    @Test("is read the same however it is cut", arguments: [1, 2, 3, 5, 7, 11, 64, 10_000])
    func pieces(_ size: Int) throws {
        let pieces = stride(from: 0, to: body.count, by: size).map { Array(body[$0..<min($0 + size, body.count)]) }
        #expect(try parts(in: pieces) == expected)
    }

    @Test("is the same at every single cut")
    func cuts() throws {
        for cut in 0...body.count { #expect(try parts(in: [Array(body[..<cut]), Array(body[cut...])]) == expected) }
    }

    @Test("cut short is unfinished, wherever", arguments: [10, 60, 100, 150, 200])
    func short(_ count: Int) throws {
        #expect(try parts(in: [Array(body[..<count])]).last == "unfinished")
    }

    @Test(
        "that is no form is refused",
        arguments: [
            "--xyzzy\r\n\r\n", "--xyz\r\n\r\nx\r\n--xyz--", "--xyz\r\ncontent-disposition: attachment; name=a\r\n\r\nx",
            "--xyz\r\nx: " + String(repeating: "y", count: 9000),
            String(repeating: "--xyz\r\ncontent-disposition: form-data; name=a\r\n\r\nx\r\n", count: 40),
        ])
    func malformed(_ text: String) {
        #expect(throws: MultipartFault.self) { try parts(in: [Array(text.utf8)]) }
    }

    @Test("names its boundary in the content type, quoted or not")
    func boundary() {
        #expect(MultipartPart.boundary(of: "multipart/form-data; boundary=abc") == "abc")
        #expect(MultipartPart.boundary(of: "Multipart/Form-Data; charset=utf-8; boundary=\"a b;c\"") == "a b;c")
        for wrong in [
            "application/json", "multipart/form-data", "multipart/mixed; boundary=abc",
            "multipart/form-data; boundary=",
            "multipart/form-data; boundary=" + String(repeating: "a", count: 71),
            "multipart/form-data; boundary=\"a \"",
        ] {
            #expect(MultipartPart.boundary(of: wrong) == nil, "\(wrong)")
        }
    }
}
