/// The method of a request, as far as it matters here.
enum Method: UInt8, Sendable, Hashable {
    case get, head, post, put, patch, delete, options, other

    init(_ bytes: UnsafeRawBufferPointer) {
        self =
            if bytes.equals("POST") { .post } else if bytes.equals("GET") { .get } else if bytes.equals("DELETE") {
                .delete
            } else if bytes.equals("HEAD") { .head } else if bytes.equals("PUT") { .put } else if bytes.equals("PATCH")
            { .patch } else if bytes.equals("OPTIONS") { .options } else { .other }
    }

    /// As it travels; empty for ``other``, which is never forwarded in a head of ours.
    var text: StaticString {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .patch: "PATCH"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        case .other: ""
        }
    }
}
