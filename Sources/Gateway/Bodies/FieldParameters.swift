/// Reads the parameters of a `Content-Type` or a `Content-Disposition`, in the one way that every reader understands:
/// what two readers could take for two things is refused.
enum FieldParameters {
    /// Calls `found` with each parameter's name and its value without its quotes. False for anything in doubt.
    ///
    /// - Parameter value: the field's value; what stands before its first semicolon is passed over.
    static func read(
        _ value: UnsafeRawBufferPointer, _ found: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Void
    ) -> Bool {
        guard var position = value.firstIndex(of: UInt8(ascii: ";"), from: 0) else { return true }
        while position < value.count {
            guard value[position] == UInt8(ascii: ";") else { return false }
            position = skipBlanks(value, position + 1)
            if position == value.count { return true }
            let nameStart = position
            while position < value.count, ByteClass.isToken(value[position]) { position += 1 }
            let name = value.part(nameStart..<position)
            guard !name.isEmpty, position < value.count, value[position] == UInt8(ascii: "=") else { return false }
            position += 1
            guard let text = readValue(value, &position) else { return false }
            found(name, text)
            position = skipBlanks(value, position)
        }
        return true
    }

    private static func readValue(
        _ value: UnsafeRawBufferPointer, _ position: inout Int
    ) -> UnsafeRawBufferPointer? {
        guard position < value.count else { return nil }
        let start = position
        if value[start] != UInt8(ascii: "\"") {
            while position < value.count, ByteClass.isToken(value[position]) { position += 1 }
            return position > start ? value.part(start..<position) : nil
        }
        position += 1
        while position < value.count, value[position] != UInt8(ascii: "\"") {
            position += value[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard position < value.count else { return nil }
        position += 1
        return value.part(start + 1..<position - 1)
    }

    private static func skipBlanks(_ value: UnsafeRawBufferPointer, _ start: Int) -> Int {
        var position = start
        while position < value.count, value[position] == 0x20 || value[position] == 0x09 { position += 1 }
        return position
    }
}
