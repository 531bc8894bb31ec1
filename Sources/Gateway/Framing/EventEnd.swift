/// Where events of an event stream end: at an empty line, whatever ends its lines.
enum EventEnd {
    /// How many of `bytes` are whole events, looking only for an end that lies behind the first `seen` bytes, in which
    /// there was none; zero when there is none now.
    static func last(in bytes: UnsafeRawBufferPointer, from seen: Int) -> Int {
        // An empty line may have begun in what was seen.
        let first = max(1, seen - 2)
        var end = bytes.count
        while end > first {
            let last = bytes[end - 1]
            let before = bytes[end - 2]
            switch (before, last) {
            case (0x0A, 0x0A), (0x0D, 0x0D): return end
            case (0x0D, 0x0A) where end > 2 && (bytes[end - 3] == 0x0A || bytes[end - 3] == 0x0D): return end
            default: end -= 1
            }
        }
        return 0
    }
}
