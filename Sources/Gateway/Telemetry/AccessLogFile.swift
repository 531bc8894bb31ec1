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
    struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        var description: String
    }

    /// Nil writes to standard output.
    private let path: String?
    private let descriptor: Mutex<Int32>
    private let mustReopen = Atomic<Bool>(false)

    /// Opens the file, or makes it, readable by its owner and group.
    init(_ target: TelemetryConfiguration.AccessLogTarget) throws(Failure) {
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
    func append(_ lines: [UInt8]) throws(Failure) {
        try reopenIfAsked()
        try descriptor.withLock { (descriptor) throws(Failure) in
            let code = FileContent.append(lines[...], to: descriptor)
            guard code == 0 else { throw failure("write", code) }
        }
    }

    private func reopenIfAsked() throws(Failure) {
        guard let path, mustReopen.exchange(false, ordering: .relaxed) else { return }
        do throws(Failure) {
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

    private static func open(_ path: String) throws(Failure) -> Int32 {
        let file = systemOpen(path)
        guard file >= 0 else {
            throw Failure(description: "the access log \(path) cannot be opened: \(String(cString: strerror(errno)))")
        }
        return file
    }

    private func failure(_ action: String, _ code: Int32) -> Failure {
        let place = path ?? "standard output"
        return Failure(description: "\(action) \(place): \(String(cString: strerror(code)))")
    }
}

private func systemOpen(_ path: String) -> Int32 { open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640) }
