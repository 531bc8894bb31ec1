/// The head of an HTTP/1.1 answer as the header list of an HTTP/2 one (RFC 9113 section 8.2): names in lower case, and
/// nothing that speaks of one hop.
enum HTTP2AnswerHead {
    /// Gives each name with its value, the status first.
    static func each(
        _ head: AnswerHead, _ bytes: UnsafeRawBufferPointer, _ fields: [FieldSpan], _ add: (String, String) -> Void
    ) {
        add(":status", "\(head.status)")
        for field in fields where passes(field.kind, bytes.part(field.name)) {
            let name = String(decoding: bytes.part(field.name), as: UTF8.self).lowercased()
            add(name, String(decoding: bytes.part(field.value), as: UTF8.self))
        }
    }

    /// An engine's own request id has been dropped before: one that is here is ours.
    private static func passes(_ kind: FieldKind, _ name: UnsafeRawBufferPointer) -> Bool {
        switch kind {
        case .endToEnd, .contentType, .contentLength: true
        case .dropped: name.equalsIgnoringCase("x-request-id")
        case .host, .transferEncoding, .connection, .expect, .authorization, .apiKey, .requestID: false
        }
    }
}
