import InferenceKeyWire
import NIOCore

/// An answer the Gateway gives itself.
struct OwnAnswer {
    var status: Int
    var contentType: StaticString = "application/json"
    var body: [UInt8]
    /// Further header lines, each with its CRLF.
    var headers = ""
    var closes = false
    var isForHead = false

    /// A refusal in the form of the data plane: the OpenAI error object.
    init(refusal: Refusal) {
        self.init(refusal.error, body: refusal.error.dataBody(param: refusal.param))
        if let allow = refusal.allow { headers += "allow: \(allow)\r\n" }
        if let rate = refusal.rate {
            var lines = ByteBuffer()
            lines.writeHead(atMost: RateState.maxHeaderBytes) { rate.write(into: &$0) }
            headers += String(buffer: lines)
        }
    }

    /// An error in the form of the control plane, where `error` is a string.
    init(control error: ServiceError, requestID: String) {
        self.init(error, body: error.controlBody(requestID: requestID))
    }

    init(status: Int, contentType: StaticString, text: String) {
        self.status = status
        self.contentType = contentType
        body = Array(text.utf8)
    }

    private init(_ error: ServiceError, body: JSONValue) {
        status = error.code.status
        self.body = body.bytes
        if let milliseconds = error.retryAfterMilliseconds {
            headers += "retry-after-ms: \(milliseconds)\r\nretry-after: \((milliseconds + 999) / 1000)\r\n"
            headers += "x-should-retry: true\r\n"
        }
    }

    /// - Parameter idLine: writes the line with the request id.
    func write(into out: inout ByteBuffer, idLine: (inout ByteBuffer) -> Void) {
        out.writeString("HTTP/1.1 \(status) \(Self.reason(status))\r\n")
        idLine(&out)
        out.writeString("content-type: \(contentType)\r\ncontent-length: \(body.count)\r\n\(headers)")
        if closes { out.writeStaticString("connection: close\r\n") }
        out.writeStaticString("\r\n")
        if !isForHead { out.writeBytes(body) }
    }

    private static func reason(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 413: "Content Too Large"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        default: "Error"
        }
    }
}
