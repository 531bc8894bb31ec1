#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Why a file or folder could not be used.
package struct FileError: Error, Sendable, Hashable, CustomStringConvertible {
    package let path: String
    package let reason: String
    /// The system's number of it; 0 for a reason that is not the system's.
    package let code: Int32

    package init(path: String, reason: String) {
        self.path = path
        self.reason = reason
        code = 0
    }

    /// Adds what the system said, by default as its last error.
    ///
    /// - Parameter what: `cannot be read`
    package init(_ what: String, path: String, code: Int32 = errno) {
        self.path = path
        self.code = code
        reason = "\(what): \(String(cString: strerror(code)))"
    }

    package var isStorageFull: Bool { code == ENOSPC || code == EDQUOT }

    package var description: String { "\(path) \(reason)" }
}
