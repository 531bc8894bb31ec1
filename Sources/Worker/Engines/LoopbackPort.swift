import Glibc

/// Ports of this machine's loopback.
package enum LoopbackPort {
    /// A port that the kernel finds free now; somebody else may take it before it is used.
    package static func free() -> Int? { bound(to: 0) }

    /// Whether nobody listens there.
    package static func isFree(_ port: Int) -> Bool { bound(to: port) != nil }

    /// Binds as a server would, so that connections that linger do not count, and lets go.
    private static func bound(to port: Int) -> Int? {
        guard let number = UInt16(exactly: port) else { return nil }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = number.bigEndian
        address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address -> Int32 in
                if bind(descriptor, address, length) != 0 { return -1 }
                return getsockname(descriptor, address, &length)
            }
        }
        return result == 0 ? Int(UInt16(bigEndian: address.sin_port)) : nil
    }
}
