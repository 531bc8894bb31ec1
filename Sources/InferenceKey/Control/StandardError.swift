#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The standard error stream of this process.
enum StandardError {
    static func write(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        bytes.withUnsafeBytes { buffer in
            // What cannot be written is lost: there is nowhere left to say so.
            #if canImport(Glibc)
                _ = Glibc.write(2, buffer.baseAddress, buffer.count)
            #elseif canImport(Musl)
                _ = Musl.write(2, buffer.baseAddress, buffer.count)
            #else
                _ = Darwin.write(2, buffer.baseAddress, buffer.count)
            #endif
        }
    }
}
