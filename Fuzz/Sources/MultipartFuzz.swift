/// The field that is found stands alone between its part's head and the next delimiter. The input is a content type, a
/// line feed and a body.
enum MultipartFuzz {
    static func run(_ bytes: UnsafeRawBufferPointer) {
        guard let feed = bytes.firstIndex(of: 0x0A, from: 0) else { return }
        bytes.alone(0..<feed) { type in
            bytes.alone(feed + 1..<bytes.count) { body in
                guard let found = try? MultipartModel.find(body, contentType: Array(type)) else { return }
                precondition(found.upperBound <= body.count && found.lowerBound >= 4)
                precondition(body.matches("\r\n\r\n", at: found.lowerBound - 4))
                precondition(body.matches("--", at: found.upperBound + 2))
            }
        }
    }
}
