import InferenceKeyWire

/// Walks once over a JSON object, counting its depth and skipping its strings, and picks out a few top-level keys.
///
/// It decodes nothing and does not prove the text well formed: that is the engine's affair.
struct JSONKeyScanner {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    private var depth = 0
    private var keys = JSONKeys()
    /// Where the value of `stream_options` begins, while it is open.
    private var optionsStart: Int?

    static func scan(_ bytes: UnsafeRawBufferPointer) throws(JSONKeyFault) -> JSONKeys {
        var scanner = JSONKeyScanner(bytes: bytes)
        return try scanner.run()
    }

    private init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    private mutating func run() throws(JSONKeyFault) -> JSONKeys {
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: "{") else { throw .notAnObject }
        var expectsKey = false
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                let start = position + 1
                try skipString()
                if depth == 1, expectsKey {
                    expectsKey = false
                    try readMember(start..<position - 1)
                }
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                guard depth <= JSONValue.maxDepth else { throw .tooDeep }
                if depth == 1 { expectsKey = true }
                position += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                position += 1
                if depth == 1 { closeOptions() }
                if depth == 0 { return try finish() }
            case UInt8(ascii: ","):
                if depth == 1 { expectsKey = true }
                position += 1
            default: position += 1
            }
        }
        throw .unfinished
    }

    /// After the key: its colon, and a look at its value, which is left to the walk.
    private mutating func readMember(_ key: Range<Int>) throws(JSONKeyFault) {
        skipSpace()
        guard position < bytes.count else { throw .unfinished }
        guard bytes[position] == UInt8(ascii: ":") else { throw .malformed }
        position += 1
        skipSpace()
        guard position < bytes.count else { throw .unfinished }
        let name = bytes.part(key)
        switch try name.contains(UInt8(ascii: "\\")) ? Self.escapedKey(name) : Self.key(name) {
        case .model: try readModel()
        case .stream: keys.streams = bytes.matches("true", at: position)
        case .streamOptions: if bytes[position] == UInt8(ascii: "{") { optionsStart = position }
        case .user: try readUser()
        case .prompt: if keys.promptStart == nil { keys.promptStart = position }
        case .other: break
        }
    }

    private enum Key {
        case model, stream, streamOptions, user, prompt, other
    }

    private static func key(_ name: UnsafeRawBufferPointer) -> Key {
        // Some engines read `Model` as `model`.
        if name.equalsIgnoringCase("model") { return .model }
        if name.equals("stream") { return .stream }
        if name.equals("stream_options") { return .streamOptions }
        if name.equals("user") { return .user }
        return isPrompt(name) ? .prompt : .other
    }

    /// The longest key that is looked for, every byte of it spelled as `\u0061`.
    private static let maxEscapedKeyBytes = 14 * 6

    /// `mod\u0065l` is `model` to an engine.
    private static func escapedKey(_ name: UnsafeRawBufferPointer) throws(JSONKeyFault) -> Key {
        guard name.count <= maxEscapedKeyBytes else { return .other }
        return try withUnsafeTemporaryAllocation(byteCount: maxEscapedKeyBytes, alignment: 8) {
            (target) throws(JSONKeyFault) -> Key in
            guard let count = try JSONEscapes.write(name, into: target) else { return .other }
            return key(UnsafeRawBufferPointer(target).part(0..<count))
        }
    }

    private mutating func readUser() throws(JSONKeyFault) {
        guard bytes[position] == UInt8(ascii: "\"") else { return }
        let start = position + 1
        try skipString()
        keys.user = start..<position - 1
    }

    private static func isPrompt(_ name: UnsafeRawBufferPointer) -> Bool {
        switch name.count {
        case 5: name.equals("input") || name.equals("tools")
        case 6: name.equals("prompt") || name.equals("system")
        case 8: name.equals("messages")
        case 12: name.equals("instructions")
        default: false
        }
    }

    private mutating func readModel() throws(JSONKeyFault) {
        guard keys.model == nil else { throw .repeatedModel }
        guard bytes[position] == UInt8(ascii: "\"") else { throw .modelNotAString }
        let start = position + 1
        try skipString()
        keys.model = start..<position - 1
        keys.modelIsEscaped = bytes.part(start..<position - 1).contains(UInt8(ascii: "\\"))
    }

    private mutating func closeOptions() {
        guard let start = optionsStart else { return }
        optionsStart = nil
        guard let name = bytes.firstRange(of: "\"include_usage\"", in: start..<position) else { return }
        var value = name.upperBound
        while value < position, ByteClass.isJSONSpace(bytes[value]) || bytes[value] == UInt8(ascii: ":") { value += 1 }
        keys.asksForUsage = bytes.matches("true", at: value)
    }

    private mutating func finish() throws(JSONKeyFault) -> JSONKeys {
        skipSpace()
        guard position == bytes.count else { throw .malformed }
        return keys
    }

    private mutating func skipSpace() {
        while position < bytes.count, ByteClass.isJSONSpace(bytes[position]) { position += 1 }
    }

    /// From an opening quote to just past the closing one.
    private mutating func skipString() throws(JSONKeyFault) {
        position += 1
        let opening = position
        // Where the next quote is, escaped or not; the backslashes before it are looked for once.
        while let quote = bytes.firstIndex(of: UInt8(ascii: "\""), from: position) {
            var start = position
            let before = bytes.part(0..<quote)
            while let slash = before.firstIndex(of: UInt8(ascii: "\\"), from: start) { start = slash + 2 }
            position = max(start, quote)
            if position == quote {
                position += 1
                if quote - opening > Self.longStringBytes { noteLong(opening..<quote) }
                return
            }
        }
        throw .unfinished
    }

    private static let longStringBytes = 256

    /// A long string that begins with so many bytes without a blank, an escape or a letter beyond ASCII is an image or a
    /// sound, and no text.
    private mutating func noteLong(_ string: Range<Int>) {
        let start = bytes.part(string.lowerBound..<string.lowerBound + Self.longStringBytes / 2)
        guard start.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }) else { return }
        keys.encodedBytes += string.count
    }
}
