import Files
import GRDB
import InferenceKeyWire

/// Why a database cannot be used, and what to do about it.
package struct StoreProblem: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }

    init(opening path: String, _ error: any Error) {
        switch error {
        case let problem as StoreProblem: self = problem
        case let error as FileError: self.init("\(error)")
        case let error as DatabaseError where error.resultCode.primaryResultCode == .SQLITE_NOTADB:
            self.init("\(path) is no SQLite database; move it away, or restore it from a backup")
        case let error as DatabaseError where error.resultCode.primaryResultCode == .SQLITE_CORRUPT:
            self.init("\(path) is damaged; restore it from a backup")
        case let error as DatabaseError where Self.isFull(error):
            self.init("\(path) cannot be written: the disk is full; free some space and start again")
        case let error as DatabaseError where error.resultCode.primaryResultCode == .SQLITE_CANTOPEN:
            self.init("\(path) cannot be opened; check that its folder is there and may be written to")
        case let error as DatabaseError:
            self.init("\(path) cannot be used: \(error.message ?? "SQLite error \(error.resultCode.rawValue)")")
        default: self.init("\(path) cannot be used: \(error)")
        }
    }

    /// A full disk in the words of the product; anything else as it is.
    static func translate(_ error: any Error) -> any Error {
        guard let error = error as? DatabaseError, isFull(error) else { return error }
        return ServiceError(
            .storageFull, "the Manager's disk is full and nothing was changed; free some space and try again")
    }

    /// A failed write shows as an I/O error on some file systems.
    private static func isFull(_ error: DatabaseError) -> Bool {
        [.SQLITE_FULL, .SQLITE_IOERR].contains(error.resultCode.primaryResultCode)
    }
}
