import Files

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The process's own terminal: data goes to stdout, words to stderr.
package struct Terminal: Sendable {
    /// Style of stdout.
    package let output: Style
    /// Style of stderr.
    package let messages: Style
    /// Whether a person reads stderr, so that a line may be repainted.
    package let isLive: Bool
    /// Whether a person can be asked: stdin is a terminal.
    package let canAsk: Bool
    /// Columns of stdout; nil when it is no terminal.
    package let outputWidth: Int?
    /// Columns of stderr.
    package let messageWidth: Int

    /// Looks at the process's own file descriptors and the given environment.
    package init(environment: [String: String]) {
        let outputIsTerminal = isatty(STDOUT_FILENO) == 1
        let messagesAreTerminal = isatty(STDERR_FILENO) == 1
        output = Style(isTerminal: outputIsTerminal, environment: environment)
        messages = Style(isTerminal: messagesAreTerminal, environment: environment)
        isLive = messagesAreTerminal && environment["TERM"] != "dumb"
        canAsk = isatty(STDIN_FILENO) == 1
        outputWidth = outputIsTerminal ? Self.columns(STDOUT_FILENO) : nil
        messageWidth = Self.columns(STDERR_FILENO) ?? 100
    }

    /// Writes `text` and a line break to stdout.
    package func print(_ text: String) { Self.write(text + "\n", to: STDOUT_FILENO) }

    /// Writes `text` as it is to stdout.
    package func printPart(_ text: String) { Self.write(text, to: STDOUT_FILENO) }

    /// Writes `text` and a line break to stderr.
    package func say(_ text: String) { Self.write(text + "\n", to: STDERR_FILENO) }

    /// Writes `text` as it is to stderr.
    package func sayPart(_ text: String) { Self.write(text, to: STDERR_FILENO) }

    /// Writes everything, whatever pieces the system takes. When the reader has gone the process ends, silently.
    private static func write(_ text: String, to descriptor: Int32) {
        if FileContent.append(Array(text.utf8)[...], to: descriptor) == EPIPE { exit(Outcome.ok.rawValue) }
    }

    private static func columns(_ descriptor: Int32) -> Int? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }
}
