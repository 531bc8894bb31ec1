import CSockets

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A port of 127.0.0.2 whose queue is full: what connects to it is neither accepted nor refused.
final class DeafListener {
    private var fds: [Int32] = []

    struct NoSocket: Error {}

    init(port: Int) throws {
        #if os(Linux)
            let fd = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            let fd = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        fds.append(fd)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        inet_pton(AF_INET, "127.0.0.2", &address.sin_addr)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(fd, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard bound == 0, listen(fd, 0) == 0 else { throw NoSocket() }
        // Until one is left waiting.
        while fds.count < 64 {
            let next = csockets_connect("127.0.0.2", UInt16(port))
            guard next >= 0 else { throw NoSocket() }
            fds.append(next)
            var fired: UInt32 = 0
            if csockets_poll([next], [CSOCKETS_WRITE], &fired, 1, 200) == 0 { return }
        }
        throw NoSocket()
    }

    func close() { for fd in fds { csockets_close(fd) } }
}
