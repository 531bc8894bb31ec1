import Files
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The file that lines are appended to. Writing blocks: not to be called from a loop.
final class AccessLogFile: Sendable {
    /// Nil writes to standard output.
    private let path: String?
    private let descriptor: Mutex<Int32>
    private let mustReopen = Atomic<Bool>(false)

    /// Opens the file, or makes it, readable by its owner and group.
    init(_ target: TelemetryConfiguration.AccessLogTarget) throws(FileError) {
        switch target {
        case .standardOutput:
            path = nil
            descriptor = Mutex(STDOUT_FILENO)
        case .file(let path):
            self.path = path
            descriptor = Mutex(try Self.open(path))
        }
    }

    deinit {
        guard path != nil else { return }
        descriptor.withLock { descriptor in _ = close(descriptor) }
    }

    /// Before the next line the file is opened anew by its name: whoever rotates logs has moved the old one away.
    func reopen() { mustReopen.store(true, ordering: .relaxed) }

    /// Appends whole lines. Throws when none or only a part of them could be written.
    func append(_ lines: [UInt8]) throws(FileError) {
        try reopenIfAsked()
        try descriptor.withLock { (descriptor) throws(FileError) in
            let code = FileContent.append(lines[...], to: descriptor)
            guard code == 0 else { throw FileError("cannot be written", path: path ?? "standard output", code: code) }
        }
    }

    private func reopenIfAsked() throws(FileError) {
        guard let path, mustReopen.exchange(false, ordering: .relaxed) else { return }
        do throws(FileError) {
            let fresh = try Self.open(path)
            let former = descriptor.withLock { descriptor in
                defer { descriptor = fresh }
                return descriptor
            }
            close(former)
        } catch {
            // The former file is written on; the next lines try again.
            mustReopen.store(true, ordering: .relaxed)
            throw error
        }
    }

    private static func open(_ path: String) throws(FileError) -> Int32 {
        let file = systemOpen(path)
        guard file >= 0 else { throw FileError("cannot be opened", path: path) }
        return file
    }
}

private func systemOpen(_ path: String) -> Int32 { open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640) }
