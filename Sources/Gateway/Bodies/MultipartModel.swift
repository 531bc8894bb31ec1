/// Finds the `model` field of a `multipart/form-data` body. All parts are looked at, none is decoded: an engine may take
/// the first `model` or the last, wherever it stands.
struct MultipartModel {
    static let maxBoundaryBytes = 70

    private let bytes: UnsafeRawBufferPointer
    /// With the dashes before it.
    private let delimiter: [UInt8]
    private var position = 0

    /// The place of the field's value, or nil.
    static func find(
        _ bytes: UnsafeRawBufferPointer, contentType: [UInt8]
    ) throws(MultipartFault) -> Range<Int>? {
        var form = MultipartModel(bytes: bytes, delimiter: try delimiter(contentType))
        return try form.run()
    }

    private init(bytes: UnsafeRawBufferPointer, delimiter: [UInt8]) {
        self.bytes = bytes
        self.delimiter = delimiter
    }

    private mutating func run() throws(MultipartFault) -> Range<Int>? {
        guard isDelimiter(at: 0) else { throw .start }
        position = delimiter.count
        var model: Range<Int>?
        while try beginsPart() {
            let isModel = try readHead()
            let start = position
            let end = try readContent()
            guard isModel else { continue }
            guard model == nil else { throw .repeatedModel }
            model = start..<end
        }
        return model
    }

    /// Behind a delimiter: whether a part follows, or this was the last.
    private mutating func beginsPart() throws(MultipartFault) -> Bool {
        guard position + 2 <= bytes.count else { throw .unfinished }
        if bytes.matches("--", at: position) { return false }
        guard bytes.matches("\r\n", at: position) else { throw .delimiter }
        position += 2
        return true
    }

    /// The lines of a part's head with the empty one behind them; whether it is the model's.
    private mutating func readHead() throws(MultipartFault) -> Bool {
        var isModel = false
        while true {
            guard let feed = bytes.firstIndex(of: 0x0A, from: position) else { throw .unfinished }
            let line = bytes.part(position..<feed)
            position = feed + 1
            guard line.last == 0x0D else { throw .partHead }
            if line.count == 1 { return isModel }
            if try namesModel(line.part(0..<line.count - 1)) { isModel = true }
        }
    }

    private func namesModel(_ line: UnsafeRawBufferPointer) throws(MultipartFault) -> Bool {
        var colon = 0
        while colon < line.count, ByteClass.isToken(line[colon]) { colon += 1 }
        guard colon > 0, colon < line.count, line[colon] == UInt8(ascii: ":"), ByteClass.isValue(line) else {
            throw .partHead
        }
        guard line.part(0..<colon).equalsIgnoringCase("content-disposition") else { return false }
        var names = 0
        var isModel = false
        var isPlain = true
        let isWhole = FieldParameters.read(line.part(colon + 1..<line.count)) { name, value in
            // `name*` is a name in another spelling.
            if name.beginsIgnoringCase(with: "name*") || value.contains(UInt8(ascii: "\\")) && name.count == 4 {
                isPlain = false
            }
            guard name.equalsIgnoringCase("name") else { return }
            names += 1
            isModel = value.equals("model")
        }
        guard isWhole, isPlain, names <= 1 else { throw .partHead }
        return isModel
    }

    /// To behind the next delimiter; gives where the content ends.
    private mutating func readContent() throws(MultipartFault) -> Int {
        // The line break before a delimiter belongs to it; that of an empty content is the one that ended the head.
        var search = position - 2
        while let feed = bytes.firstIndex(of: 0x0A, from: search + 1) {
            search = feed
            guard isDelimiter(at: feed + 1), bytes[feed - 1] == 0x0D else { continue }
            let end = feed + 1 + delimiter.count
            // What only begins like the boundary is content.
            if end < bytes.count, !Self.mayFollow(bytes[end]) { continue }
            defer { position = end }
            return max(position, feed - 1)
        }
        throw .unfinished
    }

    private static func mayFollow(_ byte: UInt8) -> Bool {
        byte == 0x0D || byte == 0x0A || byte == 0x20 || byte == 0x09 || byte == UInt8(ascii: "-")
    }

    private func isDelimiter(at start: Int) -> Bool {
        start + delimiter.count <= bytes.count && bytes.part(start..<start + delimiter.count).equals(delimiter)
    }

    /// From the boundary that the `Content-Type` names, with or without quotes.
    private static func delimiter(_ contentType: [UInt8]) throws(MultipartFault) -> [UInt8] {
        var boundary: [UInt8] = []
        var count = 0
        let isWhole = contentType.withUnsafeBytes { type in
            FieldParameters.read(type) { name, value in
                if name.beginsIgnoringCase(with: "boundary") { count += name.count == 8 ? 1 : 2 }
                boundary = name.equalsIgnoringCase("boundary") ? Array(value) : boundary
            }
        }
        guard isWhole, count == 1, (1...maxBoundaryBytes).contains(boundary.count),
            !boundary.contains(UInt8(ascii: "\\"))
        else { throw .boundary }
        return Array("--".utf8) + boundary
    }
}
