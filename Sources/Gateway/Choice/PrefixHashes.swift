/// Names the beginnings of a prompt: one hash for each whole block of its bytes, over all bytes up to the block's end.
///
/// Two prompts with the same hash at a place begin with the same bytes up to there, as far as 64 bits tell. The hash
/// is made to be fast, one multiplication for sixteen bytes and four of these at a time, and not to withstand somebody who looks
/// for collisions: a collision costs one request a worse replica.
enum PrefixHashes {
    static let blockBytes = 512
    /// Of a prompt longer than this many blocks only the beginning is looked at.
    static let maxBlocks = 256

    /// Writes the hashes of `prompt` and gives how many there are. `hashes` must have room for ``maxBlocks``.
    static func write(_ prompt: UnsafeRawBufferPointer, into hashes: UnsafeMutableBufferPointer<UInt64>) -> Int {
        let count = min(prompt.count / blockBytes, maxBlocks)
        guard count > 0, let start = prompt.baseAddress else { return 0 }
        var chain: UInt64 = 0x9E37_79B9_7F4A_7C15
        for block in 0..<count {
            chain = mix(chain ^ hash(start + block * blockBytes), multiplier)
            hashes[block] = chain
        }
        return count
    }

    private static let multiplier: UInt64 = 0xA076_1D64_78BD_642F

    /// Four sums that do not wait for each other.
    @inline(__always)
    private static func hash(_ block: UnsafeRawPointer) -> UInt64 {
        var (a, b, c, d): (UInt64, UInt64, UInt64, UInt64) = (multiplier, 1, 2, 3)
        var offset = 0
        while offset < blockBytes {
            a = step(a, block, offset)
            b = step(b, block, offset + 16)
            c = step(c, block, offset + 32)
            d = step(d, block, offset + 48)
            offset += 64
        }
        return mix(a ^ multiplier, b) ^ mix(c ^ multiplier, d) &* 3
    }

    /// Takes sixteen bytes in with one multiplication.
    @inline(__always)
    private static func step(_ sum: UInt64, _ block: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        mix(
            sum ^ block.loadUnaligned(fromByteOffset: offset, as: UInt64.self),
            multiplier ^ block.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
    }

    @inline(__always)
    private static func mix(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }
}
