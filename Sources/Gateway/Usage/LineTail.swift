/// The last bytes of a line of which more is to come, so that what a read has split can still be seen whole.
struct LineTail: Sendable {
    /// Longer than any member's name with its colon and the start of its value.
    static let maxBytes = 16

    private var bytes: (UInt64, UInt64) = (0, 0)
    private var count = 0

    mutating func clear() { count = 0 }

    /// The line goes on after `part`.
    mutating func keep(_ part: UnsafeRawBufferPointer) {
        let rest = part.part(max(0, part.count - Self.maxBytes)..<part.count)
        let former = min(count, Self.maxBytes - rest.count)
        let start = count - former
        withUnsafeMutableBytes(of: &bytes) { bytes in
            for index in 0..<former { bytes[index] = bytes[start + index] }
            for (index, byte) in rest.enumerated() { bytes[former + index] = byte }
        }
        count = former + rest.count
    }

    /// What lies around the place of the split, when there is one.
    func joins(_ part: UnsafeRawBufferPointer, _ isWanted: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        guard count > 0 else { return false }
        let head = part.part(0..<min(part.count, Self.maxBytes))
        return withUnsafeTemporaryAllocation(byteCount: 2 * Self.maxBytes, alignment: 8) { joined in
            withUnsafeBytes(of: bytes) { joined.copyMemory(from: $0.part(0..<count)) }
            UnsafeMutableRawBufferPointer(rebasing: joined[count...]).copyMemory(from: head)
            return isWanted(UnsafeRawBufferPointer(joined).part(0..<count + head.count))
        }
    }
}
