extension String {
    /// The text itself; a longer one is cut to fit into `limit` bytes, its ellipsis included. `limit` is at least 3.
    package func cut(toBytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var end = utf8.index(utf8.startIndex, offsetBy: limit - 3)
        // Not within a character's bytes.
        while utf8[end] & 0xC0 == 0x80 { end = utf8.index(before: end) }
        return self[..<end] + "…"
    }
}
