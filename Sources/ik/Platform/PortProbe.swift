import Console

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Looks whether an address could be listened on, before anything is started.
enum PortProbe {
    /// Throws the failure with the next command when it cannot.
    static func check(_ address: ListenAddress, retry command: String) throws(CommandFailure) {
        guard address.port != 0, let trouble = bindError(address) else { return }
        let why = String(cString: strerror(trouble))
        switch trouble {
        case EADDRINUSE:
            let other = ListenAddress(host: address.host, port: address.port < 65_535 ? address.port + 1 : 1024)
            throw CommandFailure(
                .failed, "\(address) is taken by another program", why: why,
                next: ["\(command) --listen \(other)", "ik doctor   # tells who answers there"])
        case EACCES:
            throw CommandFailure(
                .failed, "this user may not listen on \(address)", why: why,
                next: "\(command) --listen \(ListenAddress(host: address.host, port: 8080))")
        default:
            throw CommandFailure(
                .failed, "\(address) cannot be listened on", why: why,
                next: "give --listen an address of this machine, such as 127.0.0.1:8080")
        }
    }

    /// The system's error for listening there; nil when it would work.
    static func bindError(_ address: ListenAddress) -> Int32? {
        var hints = addrinfo()
        hints.ai_socktype = streamSocket
        hints.ai_flags = AI_PASSIVE
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(address.host, String(address.port), &hints, &found) == 0, let first = found else {
            return EADDRNOTAVAIL
        }
        defer { freeaddrinfo(found) }
        let descriptor = socket(first.pointee.ai_family, streamSocket, 0)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        var reuse: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
        guard bind(descriptor, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0, listen(descriptor, 1) == 0 else {
            return errno
        }
        return nil
    }

    #if canImport(Glibc)
        private static let streamSocket = Int32(SOCK_STREAM.rawValue)
    #else
        private static let streamSocket = SOCK_STREAM
    #endif
}
