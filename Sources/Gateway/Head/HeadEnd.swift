/// Finds where a head ends: the line feed of its empty line.
enum HeadEnd {
    /// The length of the head with its empty line, or nil when it is not whole yet. `scanned` bytes have been looked at
    /// before and hold no end. A line feed without its carriage return is refused as soon as it is seen.
    static func find(
        _ bytes: UnsafeRawBufferPointer, scanned: Int, limitBytes: Int
    ) throws(HeadFault) -> Int? {
        var position = scanned
        while let feed = bytes.firstIndex(of: 0x0A, from: position) {
            guard feed > 0, bytes[feed - 1] == 0x0D else { throw .bareLineFeed }
            if feed >= 3, bytes[feed - 2] == 0x0A {
                guard feed < limitBytes else { throw .tooLarge(limitBytes: limitBytes) }
                return feed + 1
            }
            position = feed + 1
        }
        guard bytes.count < limitBytes else { throw .tooLarge(limitBytes: limitBytes) }
        return nil
    }
}
