/// What is done with a header field of a request on its way to an engine.
enum FieldKind: UInt8, Sendable {
    /// Passed on as it stands.
    case endToEnd
    /// For this hop alone, or not for engines.
    case dropped
    case host, contentLength, transferEncoding, connection, expect
    case authorization, apiKey, requestID, contentType

    /// `name` has been found to be a token.
    init(request name: UnsafeRawBufferPointer) {
        switch name.count {
        case 2: self = name.equalsIgnoringCase("te") ? .dropped : .endToEnd
        case 4: self = name.equalsIgnoringCase("host") ? .host : .endToEnd
        case 6: self = name.equalsIgnoringCase("expect") ? .expect : .endToEnd
        case 7:
            self = name.equalsIgnoringCase("upgrade") || name.equalsIgnoringCase("trailer") ? .dropped : .endToEnd
        case 9:
            if name.equalsIgnoringCase("x-api-key") {
                self = .apiKey
            } else {
                self =
                    name.equalsIgnoringCase("forwarded") || name.equalsIgnoringCase("x-real-ip") ? .dropped : .endToEnd
            }
        case 10:
            if name.equalsIgnoringCase("connection") {
                self = .connection
            } else {
                self = name.equalsIgnoringCase("keep-alive") ? .dropped : .endToEnd
            }
        case 12:
            if name.equalsIgnoringCase("content-type") {
                self = .contentType
            } else {
                self = name.equalsIgnoringCase("x-request-id") ? .requestID : .endToEnd
            }
        case 13: self = name.equalsIgnoringCase("authorization") ? .authorization : .endToEnd
        case 14: self = name.equalsIgnoringCase("content-length") ? .contentLength : .endToEnd
        // Answers are metered on their way, so engines are not asked to compress them.
        case 15 where name.equalsIgnoringCase("accept-encoding"): self = .dropped
        case 17 where name.equalsIgnoringCase("transfer-encoding"): self = .transferEncoding
        default: self = .endToEnd
        }
        if self == .endToEnd, Self.isProxys(name) { self = .dropped }
    }

    /// What is done with a field of an answer on its way to the client: dropped, read, or passed on.
    init(answer name: UnsafeRawBufferPointer) {
        switch name.count {
        case 2: self = name.equalsIgnoringCase("te") ? .dropped : .endToEnd
        case 7:
            self = name.equalsIgnoringCase("upgrade") || name.equalsIgnoringCase("trailer") ? .dropped : .endToEnd
        case 10:
            if name.equalsIgnoringCase("connection") {
                self = .connection
            } else {
                self = name.equalsIgnoringCase("keep-alive") ? .dropped : .endToEnd
            }
        case 12:
            if name.equalsIgnoringCase("content-type") {
                self = .contentType
            } else {
                self = name.equalsIgnoringCase("x-request-id") ? .dropped : .endToEnd
            }
        case 14: self = name.equalsIgnoringCase("content-length") ? .contentLength : .endToEnd
        case 17 where name.equalsIgnoringCase("transfer-encoding"): self = .transferEncoding
        default: self = name.beginsIgnoringCase(with: "proxy-") ? .dropped : .endToEnd
        }
    }

    /// `X-Forwarded-…` and `Proxy-…`: nobody upstream may believe them.
    private static func isProxys(_ name: UnsafeRawBufferPointer) -> Bool {
        name.beginsIgnoringCase(with: "x-forwarded-") || name.beginsIgnoringCase(with: "proxy-")
    }
}
