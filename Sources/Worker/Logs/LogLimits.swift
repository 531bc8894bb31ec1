/// How much of a log is kept.
package struct LogLimits: Sendable, Hashable {
    package var rotation: LogRotation
    /// Lines kept in memory for reading and following.
    package var maxLines: Int
    /// Longer lines are cut.
    package var maxLineBytes: Int

    package init(rotation: LogRotation = LogRotation(), maxLines: Int = 2000, maxLineBytes: Int = 4096) {
        self.rotation = rotation
        self.maxLines = maxLines
        self.maxLineBytes = maxLineBytes
    }
}
