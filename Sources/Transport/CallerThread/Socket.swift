import CSockets

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One plain TCP connection, used by one task at a time on its ``CallerLoop``. Closed when the last owner lets it go.
final class Socket: Sendable {
    /// The most bytes that one read brings.
    static let maxReadBytes = 32 << 10
    /// What a first read brings at most; enough for a short answer.
    static let firstReadBytes = 4 << 10

    private let fd: Int32

    private init(fd: Int32) { self.fd = fd }

    deinit { csockets_close(fd) }

    /// Whether a kept connection is open still, and has brought nothing that nobody asked for.
    var isQuiet: Bool { csockets_is_quiet(fd) == 1 }

    /// Ends the connection under whoever waits for it.
    func cut() { csockets_shutdown(fd) }

    /// Connects to the first of the host's addresses that answers.
    static func connect(
        to origin: Origin, names: NameService, within limit: Duration, until deadline: LoopMoment?,
        on loop: CallerLoop
    ) async throws(TransportError) -> Socket {
        let end = min(LoopMoment.now + limit, deadline ?? LoopMoment.now + limit)
        let late = TransportError.timeout("no connection to \(origin) within \(limit)", mayHaveBegun: false)
        guard let addresses = try await names.addresses(of: origin.host, until: end, on: loop) else { throw late }
        return try await connect(to: origin, at: addresses, until: end, late: late, on: loop)
    }

    /// Each address has its share of the time that is left: one that is silent leaves some to the next.
    static func connect(
        to origin: Origin, at addresses: [String], until end: LoopMoment, late: TransportError, on loop: CallerLoop
    ) async throws(TransportError) -> Socket {
        var failure = TransportError.connect("the host \(origin.host) has no address")
        for (index, address) in addresses.enumerated() {
            let fd = csockets_connect(address, UInt16(clamping: origin.port))
            guard fd >= 0 else {
                failure = refused(origin, -fd)
                continue
            }
            let socket = Socket(fd: fd)
            let share = LoopMoment.now.moved(to: end, over: addresses.count - index)
            switch await loop.wait(for: fd, .write, until: share) {
            case .ready:
                let code = csockets_connected(fd)
                if code == 0 { return socket }
                failure = refused(origin, -code)
            case .late: failure = late
            case .cancelled: throw .cancelled
            }
        }
        throw failure
    }

    /// - Parameter late: what is thrown when the deadline passes.
    func write(
        _ bytes: [UInt8], until deadline: LoopMoment?, late: @autoclosure () -> TransportError, on loop: CallerLoop
    ) async throws(TransportError) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { csockets_write(fd, $0.baseAddress.map { $0 + sent }, $0.count - sent) }
            if count > 0 { sent += count } else { try await again(Int32(-count), .write, deadline, late(), loop) }
        }
    }

    /// The bytes that are there; none at the end of the connection.
    func read(
        upTo maxBytes: Int, until deadline: LoopMoment?, late: @autoclosure () -> TransportError, on loop: CallerLoop
    ) async throws(TransportError) -> [UInt8] {
        while true {
            if let bytes = try readNow(upTo: maxBytes) { return bytes }
            try await again(EAGAIN, .read, deadline, late(), loop)
        }
    }

    /// The bytes that are there, none at the end of the connection, nil where it would have to wait.
    func readNow(upTo maxBytes: Int = maxReadBytes) throws(TransportError) -> [UInt8]? {
        while true {
            var result = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: maxBytes) { buffer, count in
                result = csockets_read(fd, buffer.baseAddress, buffer.count)
                count = max(0, result)
            }
            if result >= 0 { return bytes }
            if result == -Int(EAGAIN) { return nil }
            if result != -Int(EINTR) { throw Self.broken(Int32(-result)) }
        }
    }

    private func again(
        _ code: Int32, _ interest: LoopWait.Interest, _ deadline: LoopMoment?,
        _ late: @autoclosure () -> TransportError, _ loop: CallerLoop
    ) async throws(TransportError) {
        if code == EINTR { return }
        guard code == EAGAIN else { throw Self.broken(code) }
        switch await loop.wait(for: fd, interest, until: deadline) {
        case .ready: return
        case .late: throw late()
        case .cancelled: throw .cancelled
        }
    }

    private static func broken(_ code: Int32) -> TransportError {
        .reset("the connection failed: \(SystemReason.text(code))", mayHaveBegun: true)
    }

    private static func refused(_ origin: Origin, _ code: Int32) -> TransportError {
        .connect("cannot connect to \(origin): \(SystemReason.text(code))")
    }
}
