import Files

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The file that batches of usage are in before they are sent: lines that are only ever added, flushed to the disk, and
/// now and then written anew in fewer.
///
/// All of it blocks. One caller at a time.
final class UsageJournal {
    /// A file larger than this is written anew, unless that would not make it half as long.
    static let maxBytes = 4 << 20
    static let name = "journal"

    private let folder: String
    private let flush: (Int32) -> Int32
    private var descriptor: Int32 = -1
    private(set) var sizeBytes = 0
    /// As it was last written anew.
    private var shortestBytes = 0

    /// Whether it is time to write it anew.
    var isLong: Bool { sizeBytes > max(Self.maxBytes, 2 * shortestBytes) }

    /// - Parameter flush: brings what was written to the disk; not 0 when it could not.
    init(folder: String, flush: @escaping (Int32) -> Int32 = { fdatasync($0) }) {
        self.folder = folder
        self.flush = flush
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    private var path: String { "\(folder)/\(Self.name)" }

    /// What it says; nothing when there is none yet.
    func read() throws(FileError) -> [JournalEntry] {
        JournalEntry.read(try FileContent.read(path, maxBytes: .max) ?? [])
    }

    /// Puts these entries in place of all there were, as one.
    func replace(with entries: [JournalEntry]) throws(FileError) {
        let next = "\(path).next"
        let fresh = open(next, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0o600)
        guard fresh >= 0 else { throw FileError("cannot be made", path: next) }
        let bytes = entries.flatMap(\.line)
        do throws(FileError) {
            try Self.write(bytes, to: fresh, next)
            guard fsync(fresh) == 0, rename(next, path) == 0 else { throw FileError("cannot be kept", path: next) }
        } catch {
            close(fresh)
            throw error
        }
        if descriptor >= 0 { close(descriptor) }
        descriptor = fresh
        sizeBytes = bytes.count
        shortestBytes = bytes.count
        try? Folder.sync(folder)
    }

    /// Adds an entry. What could only be written in part, or not be flushed, is taken back: its caller will bring it again.
    ///
    /// - Parameter isFlushed: whether it must survive the power before this returns.
    func append(_ entry: JournalEntry, isFlushed: Bool) throws(FileError) {
        let line = entry.line
        do throws(FileError) {
            try Self.write(line, to: descriptor, path)
            guard !isFlushed || flush(descriptor) == 0 else { throw FileError("cannot be flushed", path: path) }
        } catch {
            ftruncate(descriptor, off_t(sizeBytes))
            throw error
        }
        sizeBytes += line.count
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws(FileError) {
        let code = FileContent.append(bytes[...], to: descriptor)
        guard code == 0 else { throw FileError("cannot be written", path: path, code: code) }
    }
}
