import Fleet
import InferenceKeyWire
import Logging

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Writes log lines to stderr, without secrets, each with one system call so that lines do not mix.
struct ScrubbingLogHandler: LogHandler {
    /// A longer line is cut.
    static let maxLineBytes = 16_384

    let component: String
    let format: LogFormat
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadata
        for more in [metadataProvider?.get() ?? [:], event.metadata ?? [:]] { all.merge(more) { $1 } }
        var bytes = Array(format.line(event, component: component, metadata: all, at: .now).utf8)
        if bytes.count > Self.maxLineBytes { bytes.removeSubrange((Self.maxLineBytes - 3)...) }
        bytes.append(0x0A)
        _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
