/// What stands at a place of an answer where `"usage"` or `"timings"` may begin.
enum UsageObject {
    /// A whole object: in the OpenAI form or the Anthropic one, or what llama-server tells at the end of every stream.
    case whole(UsageFigures, isTimings: Bool, end: Int)
    /// The start of one.
    case begun
    case none

    static let usage: StaticString = "\"usage\""
    static let timings: StaticString = "\"timings\""

    init(_ bytes: UnsafeRawBufferPointer, at start: Int) {
        let isTimings = start + 1 < bytes.count && bytes[start + 1] == UInt8(ascii: "t")
        let key = isTimings ? Self.timings : Self.usage
        let known = min(key.utf8CodeUnitCount, bytes.count - start)
        for index in 0..<known where bytes[start + index] != key.utf8Start[index] {
            self = .none
            return
        }
        guard known == key.utf8CodeUnitCount else {
            self = .begun
            return
        }
        self = Self.object(bytes, after: start + known, isTimings: isTimings)
    }

    private static func object(_ bytes: UnsafeRawBufferPointer, after key: Int, isTimings: Bool) -> UsageObject {
        var position = skipSpace(bytes, key)
        guard position < bytes.count else { return .begun }
        guard bytes[position] == UInt8(ascii: ":") else { return .none }
        position = skipSpace(bytes, position + 1)
        guard position < bytes.count else { return .begun }
        guard bytes[position] == UInt8(ascii: "{") else { return .none }
        var figures = UsageFigures()
        var depth = 0
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 { return .whole(figures, isTimings: isTimings, end: position + 1) }
            case UInt8(ascii: "\""):
                let start = position + 1
                guard let close = stringEnd(bytes, start) else { return .begun }
                if depth == 1 { figures.read(bytes, key: start..<close) }
                position = close
            default: break
            }
            position += 1
        }
        return .begun
    }

    private static func stringEnd(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> Int? {
        var position = start
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        return position < bytes.count ? position : nil
    }

    fileprivate static func skipSpace(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> Int {
        var position = start
        while position < bytes.count, ByteClass.isJSONSpace(bytes[position]) { position += 1 }
        return position
    }
}

extension UsageFigures {
    fileprivate mutating func read(_ bytes: UnsafeRawBufferPointer, key: Range<Int>) {
        let name = bytes.part(key)
        let isIn = name.equals("prompt_tokens") || name.equals("input_tokens")
        // Prompt tokens that were evaluated, and those found in the cache.
        let isPartOfIn = name.equals("prompt_n") || name.equals("cache_n")
        let isOut = name.equals("completion_tokens") || name.equals("output_tokens") || name.equals("predicted_n")
        guard isIn || isPartOfIn || isOut else { return }
        var position = UsageObject.skipSpace(bytes, key.upperBound + 1)
        guard position < bytes.count, bytes[position] == UInt8(ascii: ":") else { return }
        position = UsageObject.skipSpace(bytes, position + 1)
        let start = position
        while position < bytes.count, bytes[position] >= 0x30, bytes[position] <= 0x39 { position += 1 }
        // An engine's figure past this is no figure.
        guard position - start <= 12, let value = bytes.part(start..<position).decimal() else { return }
        if isIn { tokensIn = value } else if isPartOfIn { tokensIn += value } else { tokensOut = value }
    }
}
