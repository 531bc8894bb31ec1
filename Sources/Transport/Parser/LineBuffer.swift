/// Collects lines from bytes that arrive in any pieces. LF or CRLF ends a line.
struct LineBuffer: Sendable {
    /// All lines together may not be longer than this, in bytes.
    let limit: Int
    private var line: [UInt8] = []
    private var taken = 0

    init(limit: Int) { self.limit = limit }

    var isEmpty: Bool { line.isEmpty }

    /// The next line without its end, or nil when `rest` is used up before it is whole.
    mutating func take(from rest: inout ArraySlice<UInt8>) throws(TransportError) -> [UInt8]? {
        let end = rest.firstIndex(of: 0x0A)
        let piece = rest[..<(end ?? rest.endIndex)]
        taken += piece.count + 1
        guard taken <= limit else { throw .tooLarge(limitBytes: limit) }
        guard let end else {
            line.append(contentsOf: piece)
            rest = []
            return nil
        }
        rest = rest[(end + 1)...]
        if line.isEmpty { return Array(piece.last == 0x0D ? piece.dropLast() : piece) }
        line.append(contentsOf: piece)
        defer { line = [] }
        if line.last == 0x0D { line.removeLast() }
        return line
    }
}
