#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// How many files and sockets this process may have open. Every client costs one, and one more while it is answered.
struct DescriptorLimit: Sendable, Hashable {
    var descriptors: Int

    /// More than this is not asked for: programs this one starts inherit it, and some walk over all of it.
    static let maxRaised = 131_072
    /// For listeners, the disk, the links to the Manager, and what else runs in this process.
    static let reserved = 64

    /// The limit after it was raised as far as this user may.
    static func raised() -> DescriptorLimit {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return DescriptorLimit(descriptors: 1024) }
        let former = limit.rlim_cur
        let wanted = min(limit.rlim_max, rlim_t(maxRaised))
        if former < wanted {
            limit.rlim_cur = wanted
            if setrlimit(resource, &limit) != 0 { limit.rlim_cur = former }
        }
        return DescriptorLimit(descriptors: Int(clamping: limit.rlim_cur))
    }

    /// Clients of one loop, so that each of them can still be given a connection to an engine.
    func connections(loops: Int) -> Int {
        max(1, (descriptors - min(Self.reserved, descriptors / 4)) / 2 / max(1, loops))
    }

    #if canImport(Glibc)
        private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
        private static let resource = RLIMIT_NOFILE
    #endif
}
