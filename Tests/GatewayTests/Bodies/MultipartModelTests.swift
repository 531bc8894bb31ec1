import Testing

@testable import Gateway

@Suite("model of a multipart body")
struct MultipartModelTests {
    static let type = "multipart/form-data; boundary=XX"
    static let model = part("name=\"model\"", "whisper")

    static func part(_ parameters: String, _ content: String, more: String = "") -> String {
        "--XX\r\nContent-Disposition: form-data; \(parameters)\r\n\(more)\r\n\(content)\r\n"
    }

    @Test("the field is found among others, wherever it stands")
    func finds() throws {
        let file = Self.part("name=\"file\"; filename=\"a\"", "name=\"model\"\r\n\r\nno\r\n--XXY\r\n\n--XX")
        let large = Self.part("name=file; filename=\"mo\\\"del\"", String(repeating: "-\n", count: 100_000))
        let fields = [file, large, Self.part("filename=\"model\"; name=\"f\"", "x", more: "Content-Type: a/b\r\n")]
        for place in 0...fields.count {
            var parts = fields
            parts.insert(Self.model, at: place)
            #expect(try find(parts.joined() + "--XX--\r\n") == "whisper")
        }
        let text = Self.model + "--XX--\r\n"
        #expect(try find(text, type: "multipart/form-data; boundary=\"XX\"") == "whisper")
        #expect(try find(text, type: "multipart/form-data ; Boundary=XX; charset=utf-8") == "whisper")
        #expect(try find(Self.part("Name=model", "") + "--XX--") == "")
        #expect(try find(file + "--XX--") == nil)
    }

    @Test(
        "a second model is refused, however it is spelled",
        arguments: ["name=\"model\"", "Name=\"model\"", "name=model"])
    func twice(_ name: String) {
        let filler = Self.part("name=\"file\"", String(repeating: "x", count: 100_000))
        let text = Self.model + filler + Self.part(name, "evil") + "--XX--\r\n"
        #expect(throws: MultipartFault.repeatedModel) { try find(text) }
    }

    @Test(
        "a part whose name two readers could read in two ways is refused",
        arguments: [
            "name*=utf-8''model", "name*0=mo; name*1=del", "name=\"mod\\el\"", "name=\"a\"; name=\"model\"",
            "name=<model>",
            "name=\"model\"x", "name=\"model", "name", "name = model", "name=\"a\"\nX: y",
        ])
    func names(_ parameters: String) {
        #expect(throws: MultipartFault.partHead) { try find(Self.part(parameters, "evil") + "--XX--\r\n") }
    }

    @Test("a body that is cut short or has another boundary is refused")
    func malformed() {
        let text = Self.model + "--XX--"
        for count in 0..<text.utf8.count {
            let cut = String(decoding: text.utf8.prefix(count), as: UTF8.self)
            #expect(throws: MultipartFault.self) { try find(cut) }
        }
        for type in [
            "multipart/form-data", "multipart/form-data; boundary=XX; boundary=YY", "multipart/form-data; boundary=",
        ] {
            #expect(throws: MultipartFault.boundary) { try find(text, type: type) }
        }
        #expect(throws: MultipartFault.start) { try find(text, type: "multipart/form-data; boundary=YY") }
        #expect(throws: MultipartFault.start) { try find(#"{"model":"evil"}"#) }
        #expect(throws: MultipartFault.delimiter) { try find("--XX \r\n" + text) }
    }

    private func find(_ text: String, type: String = type) throws -> String? {
        let bytes = Array(text.utf8)
        let range = try bytes.withUnsafeBytes { try MultipartModel.find($0, contentType: Array(type.utf8)) }
        return range.map { String(decoding: bytes[$0], as: UTF8.self) }
    }
}
