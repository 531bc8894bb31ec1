/// The tokens that one request used, as far as they are known.
struct UsageFigures: Sendable, Hashable {
    var tokensIn = 0
    var tokensOut = 0
    /// Whether ``tokensOut`` was counted by events and not said by the engine.
    var isEstimated = false

    init(tokensIn: Int = 0, tokensOut: Int = 0, isEstimated: Bool = false) {
        self.tokensIn = tokensIn
        self.tokensOut = tokensOut
        self.isEstimated = isEstimated
    }

    /// Reads the last whole `"usage": {…}` object in `bytes`, in the OpenAI form or the Anthropic one, or else what
    /// llama-server tells at the end of every stream, its `"timings"`. Nil when there is neither.
    init?(lastIn bytes: UnsafeRawBufferPointer) {
        var timings: UsageFigures?
        var start = bytes.count - Self.usage.utf8CodeUnitCount
        while start >= 0 {
            defer { start -= 1 }
            guard bytes[start] == UInt8(ascii: "\"") else { continue }
            if bytes[start + 1] == UInt8(ascii: "u"), let figures = Self.figures(of: Self.usage, at: start, bytes) {
                self = figures
                return
            }
            if timings == nil, bytes[start + 1] == UInt8(ascii: "t") {
                timings = Self.figures(of: Self.timings, at: start, bytes)
            }
        }
        guard let timings else { return nil }
        self = timings
    }

    private static let usage: StaticString = "\"usage\""
    private static let timings: StaticString = "\"timings\""

    private static func figures(of key: StaticString, at start: Int, _ bytes: UnsafeRawBufferPointer) -> UsageFigures? {
        bytes.matches(key, at: start) ? object(bytes, after: start + key.utf8CodeUnitCount) : nil
    }

    private static func object(_ bytes: UnsafeRawBufferPointer, after key: Int) -> UsageFigures? {
        var position = skipSpace(bytes, key)
        guard position < bytes.count, bytes[position] == UInt8(ascii: ":") else { return nil }
        position = skipSpace(bytes, position + 1)
        guard position < bytes.count, bytes[position] == UInt8(ascii: "{") else { return nil }
        var figures = UsageFigures()
        var depth = 0
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 { return figures }
            case UInt8(ascii: "\""):
                let start = position + 1
                guard let close = bytes.firstIndex(of: UInt8(ascii: "\""), from: start) else { return nil }
                if depth == 1 { figures.read(bytes, key: start..<close) }
                position = close
            default: break
            }
            position += 1
        }
        return nil
    }

    private mutating func read(_ bytes: UnsafeRawBufferPointer, key: Range<Int>) {
        let name = bytes.part(key)
        let isIn = name.equals("prompt_tokens") || name.equals("input_tokens")
        // Prompt tokens that were evaluated, and those found in the cache.
        let isPartOfIn = name.equals("prompt_n") || name.equals("cache_n")
        let isOut = name.equals("completion_tokens") || name.equals("output_tokens") || name.equals("predicted_n")
        guard isIn || isPartOfIn || isOut else { return }
        var position = Self.skipSpace(bytes, key.upperBound + 1)
        guard position < bytes.count, bytes[position] == UInt8(ascii: ":") else { return }
        position = Self.skipSpace(bytes, position + 1)
        let start = position
        while position < bytes.count, bytes[position] >= 0x30, bytes[position] <= 0x39 { position += 1 }
        // An engine's figure past this is no figure.
        guard position - start <= 12, let value = bytes.part(start..<position).decimal() else { return }
        if isIn { tokensIn = value } else if isPartOfIn { tokensIn += value } else { tokensOut = value }
    }

    private static func skipSpace(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> Int {
        var position = start
        while position < bytes.count, ByteClass.isJSONSpace(bytes[position]) { position += 1 }
        return position
    }
}
