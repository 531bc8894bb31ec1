import Glibc

/// What the system said about a file.
package struct FileError: Error, Sendable, Hashable, CustomStringConvertible {
    package var path: String
    package var operation: String
    package var code: Int32

    package init(_ operation: String, _ path: String, code: Int32 = errno) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    package var isStorageFull: Bool { code == ENOSPC || code == EDQUOT }

    package var description: String { "cannot \(operation) \(path): \(String(cString: strerror(code)))" }
}
