/// Cuts what an engine writes into lines.
///
/// A progress bar rewrites its line with carriage returns: each state of it is an update, and only the last one, when
/// the line ends, is a line.
package struct LineSplitter: Sendable {
    package enum Piece: Sendable, Hashable {
        case line(String)
        /// A line that is not over yet, as a progress bar shows it now.
        case update(String)

        package var text: String {
            switch self {
            case .line(let text), .update(let text): text
            }
        }
    }

    /// Longer lines are cut there.
    package let maxLineBytes: Int
    private var line: [UInt8] = []
    private var dropped = 0

    package init(maxLineBytes: Int = 4096) { self.maxLineBytes = maxLineBytes }

    package mutating func read(_ bytes: [UInt8]) -> [Piece] {
        var pieces: [Piece] = []
        var rest = bytes[...]
        while let end = rest.firstIndex(where: { $0 == 0x0A || $0 == 0x0D }) {
            take(rest[..<end])
            let isReturn = rest[end] == 0x0D
            let isLineEnd = !isReturn || (end + 1 < rest.endIndex && rest[end + 1] == 0x0A)
            rest = rest[(isReturn && isLineEnd ? end + 2 : end + 1)...]
            if isLineEnd {
                pieces.append(.line(takeText()))
            } else if !line.isEmpty {
                pieces.append(.update(takeText()))
            }
        }
        take(rest)
        return pieces
    }

    /// What was written after the last line end, if anything.
    package mutating func finish() -> Piece? { line.isEmpty && dropped == 0 ? nil : .line(takeText()) }

    private mutating func take(_ bytes: ArraySlice<UInt8>) {
        let room = maxLineBytes - line.count
        line.append(contentsOf: bytes.prefix(room))
        dropped += max(0, bytes.count - room)
    }

    private mutating func takeText() -> String {
        defer {
            line.removeAll(keepingCapacity: true)
            dropped = 0
        }
        var text = String(decoding: line.withoutEscapes, as: UTF8.self)
        if dropped > 0 { text += " … (\(dropped) more bytes)" }
        return text
    }
}

extension [UInt8] {
    /// Without terminal escape sequences (`ESC [ … letter`) and other control characters but the tab.
    fileprivate var withoutEscapes: [UInt8] {
        guard contains(where: { $0 < 0x20 && $0 != 0x09 }) else { return self }
        var out: [UInt8] = []
        var index = startIndex
        while index < endIndex {
            let byte = self[index]
            index += 1
            if byte == 0x1B, index < endIndex, self[index] == UInt8(ascii: "[") {
                index += 1
                while index < endIndex, !(0x40...0x7E).contains(self[index]) { index += 1 }
                index += 1
            } else if byte >= 0x20 || byte == 0x09 {
                out.append(byte)
            }
        }
        return out
    }
}
