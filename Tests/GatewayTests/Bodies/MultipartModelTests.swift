import Testing

@testable import Gateway

@Suite("model of a multipart body")
struct MultipartModelTests {
    static let type = "multipart/form-data; boundary=XX"

    @Test("the field is found among others")
    func finds() {
        let text =
            "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nname=\"model\"\r\n\r\nno\r\n"
            + "--XX\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper\r\n--XX--\r\n"
        #expect(find(text) == "whisper")
        #expect(find(text, type: "multipart/form-data; boundary=\"XX\"") == "whisper")
        #expect(find(text, type: "multipart/form-data; boundary=XX; charset=utf-8") == "whisper")
    }

    @Test("a body without it, cut short or with another boundary gives nothing")
    func findsNothing() {
        let field = "--XX\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper\r\n--XX--\r\n"
        for count in 0..<field.utf8.count - 4 {
            #expect(find(String(decoding: field.utf8.prefix(count), as: UTF8.self)) == nil)
        }
        #expect(find(field, type: "multipart/form-data; boundary=YY") == nil)
        #expect(find(field, type: "multipart/form-data") == nil)
        #expect(find("--XX\r\n\r\nx\r\n--XX--") == nil)
    }

    private func find(_ text: String, type: String = type) -> String? {
        let bytes = Array(text.utf8)
        let range = bytes.withUnsafeBytes { body in
            Array(type.utf8).withUnsafeBytes { MultipartModel.find(body, contentType: $0) }
        }
        return range.map { String(decoding: bytes[$0], as: UTF8.self) }
    }
}
