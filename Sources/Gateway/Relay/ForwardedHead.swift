import NIOCore

/// What an engine is sent of a request's head, in one buffer: the line with the request id, then the header fields, then
/// the engine's path with the query.
struct ForwardedHead {
    var block = ByteBuffer()
    var idLineBytes = 0
    var fieldsEnd = 0

    /// What stands in `x-request-id`.
    var requestID: String {
        let (name, end) = ("x-request-id: ".utf8.count, "\r\n".utf8.count)
        guard idLineBytes > name + end else { return "" }
        return block.getString(at: block.readerIndex + name, length: idLineBytes - name - end) ?? ""
    }

    /// Keeps the line with the id alone, for the head will not be sent again; gives what the rest stood in.
    mutating func forgetFields() -> ByteBuffer {
        let former = block
        block = ByteBuffer(bytes: former.readableBytesView.prefix(idLineBytes))
        fieldsEnd = idLineBytes
        return former
    }

    /// The method, the blanks and the line with the length.
    private static let maxOtherBytes = 64

    /// Writes the request for `replica`: its head and, if that is small, its body.
    func write(_ method: Method, _ body: ForwardedBody, for replica: Replica, into out: inout ByteBuffer) {
        let lines = replica.requestLines
        let joinedBytes = body.isJoined ? body.byteCount : 0
        let most = Self.maxOtherBytes + lines.readableBytes + block.readableBytes + joinedBytes
        out.writeHead(atMost: most) { out in
            block.withUnsafeReadableBytes { block in
                out.write(method.text)
                out.write(" ")
                out.write(block.part(fieldsEnd..<block.count))
                lines.withUnsafeReadableBytes { out.write($0) }
                if body.byteCount > 0 || method == .post {
                    out.write("content-length: ")
                    out.writeDecimal(body.byteCount)
                    out.write("\r\n")
                }
                out.write(block.part(0..<fieldsEnd))
                out.write("\r\n")
            }
            if joinedBytes > 0 { body.write(into: &out) }
        }
    }
}
