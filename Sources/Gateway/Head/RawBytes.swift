#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension UnsafeRawBufferPointer {
    /// The first place of `byte` at or after `start`.
    @inline(__always)
    func firstIndex(of byte: UInt8, from start: Int) -> Int? {
        guard start < count, let base = baseAddress, let hit = memchr(base + start, Int32(byte), count - start) else {
            return nil
        }
        return UnsafeRawPointer(hit) - base
    }

    /// The first place of `word` within `range`, or nil.
    func firstRange(of word: StaticString, in range: Range<Int>) -> Range<Int>? {
        let length = word.utf8CodeUnitCount
        var position = range.lowerBound
        while position + length <= range.upperBound,
            let hit = firstIndex(of: word.utf8Start.pointee, from: position), hit + length <= range.upperBound
        {
            if matches(word, at: hit) { return hit..<hit + length }
            position = hit + 1
        }
        return nil
    }

    /// Whether `word` stands at `offset`.
    @inline(__always)
    func matches(_ word: StaticString, at offset: Int) -> Bool {
        let length = word.utf8CodeUnitCount
        guard offset >= 0, offset + length <= count, let base = baseAddress else { return false }
        return memcmp(base + offset, word.utf8Start, length) == 0
    }

    /// Whether these bytes are exactly `word`.
    @inline(__always)
    func equals(_ word: StaticString) -> Bool { count == word.utf8CodeUnitCount && matches(word, at: 0) }

    /// Whether these bytes are exactly `other`.
    @inline(__always)
    func equals(_ other: [UInt8]) -> Bool {
        guard count == other.count else { return false }
        return other.withUnsafeBytes { known in
            guard let left = baseAddress, let right = known.baseAddress else { return true }
            return memcmp(left, right, count) == 0
        }
    }

    /// Whether these bytes are `word`, which is in lower case, but for the case of letters. Control characters must
    /// have been refused before.
    @inline(__always)
    func equalsIgnoringCase(_ word: StaticString) -> Bool {
        count == word.utf8CodeUnitCount && beginsIgnoringCase(with: word)
    }

    @inline(__always)
    func beginsIgnoringCase(with word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard count >= length else { return false }
        let letters = word.utf8Start
        for index in 0..<length where self[index] | 0x20 != letters[index] | 0x20 { return false }
        return true
    }

    @inline(__always)
    func part(_ range: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: self[range]) }

    /// `range` without spaces and tabs at its ends.
    @inline(__always)
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, self[start] == 0x20 || self[start] == 0x09 { start += 1 }
        while end > start, self[end - 1] == 0x20 || self[end - 1] == 0x09 { end -= 1 }
        return start..<end
    }

    /// The number these digits spell, or nil for anything but 1 to 18 digits.
    func decimal() -> Int? {
        guard (1...18).contains(count) else { return nil }
        var value = 0
        for byte in self {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return value
    }
}
