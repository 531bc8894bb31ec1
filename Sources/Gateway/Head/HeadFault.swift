import InferenceKeyWire

/// Why a message head is refused. After one of these the connection is of no more use: nobody knows where the next
/// message begins.
enum HeadFault: Error, Sendable, Hashable {
    case bareLineFeed, requestLine, target, absoluteForm, version, http10
    case foldedField, fieldName, fieldValue, hopField, tooManyFields, tooManyOptions
    case missingHost, repeatedHost, hostValue
    case contentLength, repeatedContentLength, transferEncoding, lengthBesideEncoding
    case expectation, repeatedCredential, repeatedContentType
    case statusLine
    case tooLarge(limitBytes: Int)

    /// What happened and what to do.
    var message: String {
        switch self {
        case .bareLineFeed: "a line of the request's head does not end in CRLF"
        case .requestLine: "the request does not begin with a method, a target and HTTP/1.1"
        case .target: "the request's target must be a path that starts with / and is percent-encoded"
        case .absoluteForm: "the request's target must be a path, not a whole URL"
        case .version: "this protocol is not spoken here: use HTTP/1.1"
        case .http10: "HTTP/1.0 is not served: use HTTP/1.1 (in nginx: proxy_http_version 1.1)"
        case .foldedField: "a header is continued on a second line: send it on one"
        case .fieldName: "a header line has no well-formed name followed directly by a colon"
        case .fieldValue: "a header value holds a control character"
        case .hopField: "a header of one hop (Connection, Keep-Alive, Upgrade) may not be sent over HTTP/2"
        case .tooManyFields: "the request has more than \(FieldLines.maxFields) headers"
        case .tooManyOptions: "the Connection header has more than \(FieldLines.maxOptions) options"
        case .missingHost: "the Host header is missing"
        case .repeatedHost: "the Host header is sent twice"
        case .hostValue: "the Host header is not a host with perhaps a port"
        case .contentLength: "the Content-Length header is not one whole number"
        case .repeatedContentLength: "the Content-Length header is sent twice"
        case .transferEncoding: "the Transfer-Encoding header must be exactly chunked, once"
        case .lengthBesideEncoding: "Content-Length and Transfer-Encoding may not be sent together"
        case .expectation: "the Expect header may only be 100-continue"
        case .repeatedCredential: "a header with a credential is sent twice"
        case .repeatedContentType: "the Content-Type header is sent twice"
        case .statusLine: "the answer does not begin with an HTTP/1.1 status line"
        case .tooLarge(let limitBytes): "the request's head is larger than \(limitBytes) bytes"
        }
    }

    var error: ServiceError {
        if case .tooLarge = self { return ServiceError(.headersTooLarge, message) }
        return ServiceError(.invalidRequest, message)
    }
}
