import Files
import InferenceKeyWire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Whose book it is: which loop's of which run, and since which start of the machine.
struct UsageBookTitle: Sendable, Hashable {
    var run: String
    var boot: String
    var lane: Int

    /// Writes it into a book's header, as text between zeros.
    func write(to bytes: UnsafeMutableRawPointer) {
        let text = Array("\(run)\0\(boot)\0\(lane)\0".utf8.prefix(UsageBookLayout.titleBytes))
        (bytes + UsageBookLayout.titleWord * 8).copyMemory(from: text, byteCount: text.count)
    }

    init(run: String, boot: String, lane: Int) {
        self.run = run
        self.boot = boot
        self.lane = lane
    }

    init?(_ bytes: UnsafeRawBufferPointer) {
        let parts = bytes.split(separator: 0, maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 3, let lane = Int(String(decoding: parts[2], as: UTF8.self)) else { return nil }
        self.init(
            run: String(decoding: parts[0], as: UTF8.self), boot: String(decoding: parts[1], as: UTF8.self), lane: lane)
    }
}

/// The system calls behind a ``UsageBook``.
enum UsageBookFile {
    /// Makes a file of zeros, private to its owner, and maps it.
    static func map(_ path: String, byteCount: Int) throws(FileError) -> UnsafeMutableRawPointer {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError("cannot be made", path: path) }
        defer { close(descriptor) }
        #if os(Linux)
            let problem = posix_fallocate(descriptor, 0, off_t(byteCount))
        #else
            let problem = ftruncate(descriptor, off_t(byteCount)) == 0 ? 0 : errno
        #endif
        guard problem == 0 else {
            unlink(path)
            throw FileError("cannot be made", path: path, code: problem)
        }
        let mapping = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        guard let mapping, mapping != MAP_FAILED else {
            let code = errno
            unlink(path)
            throw FileError("cannot be mapped", path: path, code: code)
        }
        return mapping
    }

    /// All bytes of a file; nil when there is none of that size.
    static func read(_ path: String, byteCount: Int) -> [UInt64]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var words = [UInt64](repeating: 0, count: byteCount / 8)
        let count = words.withUnsafeMutableBytes { Self.fill($0, from: descriptor) }
        return count == byteCount ? words : nil
    }

    private static func fill(_ buffer: UnsafeMutableRawBufferPointer, from descriptor: Int32) -> Int {
        var filled = 0
        while filled < buffer.count {
            let count = pread(
                descriptor, buffer.baseAddress.map { $0 + filled }, buffer.count - filled, off_t(filled))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            filled += count
        }
        return filled
    }

    /// Names this start of the machine: after another one the kernel no longer holds what was mapped.
    static var boot: String { FileContent.text("/proc/sys/kernel/random/boot_id") ?? "" }
}
