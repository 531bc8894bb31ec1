/// Writes the head of a request into one buffer, and looks at each part as it is written: nothing may break out of its line.
struct RequestWriter {
    private(set) var bytes: [UInt8] = []

    init(capacityBytes: Int) { bytes.reserveCapacity(capacityBytes) }

    /// - Parameter base: what stands before the path; checked when the base was read.
    mutating func requestLine(_ method: String, _ base: String, _ path: String) throws(TransportError) {
        guard add(method, where: HTTPSyntax.isTokenByte) else { throw .unsendable("the method is not a token") }
        add(" ")
        add(base)
        let start = bytes.count
        guard add(path, where: { HTTPSyntax.isTargetByte($0) && $0 != UInt8(ascii: "#") }),
            bytes[start] == UInt8(ascii: "/")
        else { throw .unsendable("the path must start with / and be percent-encoded") }
        add(" HTTP/1.1\r\n")
    }

    /// A field of a caller's. Throws for one that the client sets itself.
    mutating func checked(_ field: HTTPField) throws(TransportError) {
        guard add(field.name, where: HTTPSyntax.isTokenByte) else {
            throw .unsendable("a header name holds a character that may not stand there")
        }
        add(": ")
        guard field.value.isEmpty || add(field.value, where: HTTPSyntax.isValueByte) else {
            throw .unsendable("the value of the header \(field.name) holds a line break or control character")
        }
        guard !Self.isOwn(field.name) else {
            throw .unsendable("the header \(field.name) is set by the client itself")
        }
        add("\r\n")
    }

    /// A field of the client's own.
    mutating func field(_ name: String, _ value: String) {
        add(name)
        add(": ")
        add(value)
        add("\r\n")
    }

    mutating func end(_ body: [UInt8]?) {
        add("\r\n")
        if let body { bytes.append(contentsOf: body) }
    }

    private static func isOwn(_ name: String) -> Bool {
        HTTPSyntax.same(name, "content-length") || HTTPSyntax.same(name, "transfer-encoding")
            || HTTPSyntax.same(name, "connection")
    }

    private mutating func add(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// Says whether there was something, and every byte of it may stand there.
    private mutating func add(_ text: String, where isAllowed: (UInt8) -> Bool) -> Bool {
        let start = bytes.count
        bytes.append(contentsOf: text.utf8)
        return bytes.withUnsafeBufferPointer { bytes in
            for place in start..<bytes.count where !isAllowed(bytes[place]) { return false }
            return bytes.count > start
        }
    }
}
