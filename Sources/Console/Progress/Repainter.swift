/// Paints a block of lines over the block it painted before.
package struct Repainter: Sendable {
    private var painted = 0

    package init() {}

    /// The characters to write to the terminal; the cursor ends below the block.
    package mutating func paint(_ lines: [String]) -> String {
        var out = painted > 0 ? "\u{1B}[\(painted)A" : ""
        for line in lines { out += "\r\u{1B}[K" + line + "\n" }
        painted = lines.count
        return out
    }
}
