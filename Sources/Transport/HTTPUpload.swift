/// A body that is sent as it is read, such as a file that need not fit into memory.
package struct HTTPUpload: Sendable {
    /// Exactly as many bytes as ``next`` gives in all.
    package var lengthBytes: Int
    /// The next piece, not empty; nil after the last. Called on the connection's event loop, one call at a time, whenever
    /// the server takes more: it must be quick. Throwing ends the request.
    package var next: @Sendable () throws -> [UInt8]?

    package init(lengthBytes: Int, next: @escaping @Sendable () throws -> [UInt8]?) {
        self.lengthBytes = lengthBytes
        self.next = next
    }
}
