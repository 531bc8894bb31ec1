#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The environment of this process.
package enum ProcessEnvironment {
    /// A variable's value, nil where it is not set.
    package static let variable: Settings.Environment = { name in getenv(name).map { String(cString: $0) } }
}
