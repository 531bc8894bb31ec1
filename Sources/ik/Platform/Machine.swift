#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// This machine.
enum Machine {
    static var hostname: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static func has(_ path: String) -> Bool { access(path, F_OK) == 0 }

    static func mayWrite(_ path: String) -> Bool { access(path, W_OK) == 0 }
}
