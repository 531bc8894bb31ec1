/// The status and header fields of an answer.
package struct HTTPHead: Sendable, Hashable {
    package var status: Int
    package var headers: [HTTPField]

    package init(status: Int, headers: [HTTPField] = []) {
        self.status = status
        self.headers = headers
    }

    /// The first value of the field, whatever the case of its name.
    package subscript(name: String) -> String? {
        headers.first { $0.isNamed(name) }?.value
    }

    package var isSuccess: Bool { (200..<300).contains(status) }
}

/// A whole answer.
package struct HTTPAnswer: Sendable, Hashable {
    package var head: HTTPHead
    package var body: [UInt8]

    package init(head: HTTPHead, body: [UInt8]) {
        self.head = head
        self.body = body
    }
}
