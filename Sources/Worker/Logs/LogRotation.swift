import Files
import Glibc

/// Keeps a log file small by copying it away and emptying it: the engine has it open and goes on appending.
package struct LogRotation: Sendable, Hashable {
    package var maxBytes: Int64
    /// Older copies, `.1` the newest.
    package var keptFiles: Int

    package init(maxBytes: Int64 = 16 << 20, keptFiles: Int = 2) {
        self.maxBytes = maxBytes
        self.keptFiles = keptFiles
    }

    /// Whether the file was emptied. When the disk has no room for a copy the file is emptied all the same: that is the
    /// moment at which it matters most.
    package func rotate(_ path: String) -> Bool {
        guard let status = FileStatus(path), status.bytes > maxBytes else { return false }
        for number in stride(from: keptFiles, to: 1, by: -1) { rename("\(path).\(number - 1)", "\(path).\(number)") }
        if keptFiles > 0 { copy(path, to: "\(path).1") }
        return truncate(path, 0) == 0
    }

    private func copy(_ path: String, to target: String) {
        let source = open(path, O_RDONLY | O_CLOEXEC)
        guard source >= 0 else { return }
        defer { close(source) }
        let copy = open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard copy >= 0 else { return }
        defer { close(copy) }
        while let piece = FileContent.piece(of: source, maxBytes: 1 << 20), !piece.isEmpty {
            guard FileContent.append(piece[...], to: copy) == 0 else {
                unlink(target)
                return
            }
        }
    }
}
