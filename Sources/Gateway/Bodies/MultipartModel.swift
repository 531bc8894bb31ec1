/// Finds the `model` field of a `multipart/form-data` body without reading the rest of it.
enum MultipartModel {
    /// The field is looked for in that many bytes from the start; a body without it there is passed on as it is.
    static let searchBytes = 64 << 10
    static let maxBoundaryBytes = 70

    /// The place of the field's value, or nil.
    static func find(_ bytes: UnsafeRawBufferPointer, contentType: UnsafeRawBufferPointer) -> Range<Int>? {
        guard let boundary = boundary(contentType) else { return nil }
        let head = bytes.part(0..<min(bytes.count, searchBytes))
        var part = delimiter(head, boundary, from: 0)
        while let current = part {
            let headStart = current.upperBound + 2
            guard let blank = head.firstRange(of: "\r\n\r\n", in: min(headStart, head.count)..<head.count) else {
                return nil
            }
            let next = delimiter(head, boundary, from: blank.upperBound)
            if let next, names(head.part(headStart..<blank.upperBound)) {
                let end = next.lowerBound - 2
                return end >= blank.upperBound ? blank.upperBound..<end : nil
            }
            part = next
        }
        return nil
    }

    /// The boundary that the `Content-Type` names, with or without quotes.
    private static func boundary(_ contentType: UnsafeRawBufferPointer) -> [UInt8]? {
        guard let mark = contentType.firstRange(of: "boundary=", in: 0..<contentType.count) else { return nil }
        var value = mark.upperBound..<contentType.count
        if let first = value.first, contentType[first] == UInt8(ascii: "\"") {
            guard let close = contentType.firstIndex(of: UInt8(ascii: "\""), from: first + 1) else { return nil }
            value = first + 1..<close
        } else if let end = contentType.firstIndex(of: UInt8(ascii: ";"), from: value.lowerBound) {
            value = value.lowerBound..<end
        }
        let trimmed = contentType.trimmed(value)
        guard (1...maxBoundaryBytes).contains(trimmed.count) else { return nil }
        return Array(contentType[trimmed])
    }

    /// The next `--boundary` that begins a line.
    private static func delimiter(_ bytes: UnsafeRawBufferPointer, _ boundary: [UInt8], from start: Int) -> Range<Int>?
    {
        var position = start
        while let dashes = bytes.firstRange(of: "--", in: min(position, bytes.count)..<bytes.count) {
            let name = dashes.upperBound..<dashes.upperBound + boundary.count
            let beginsLine = dashes.lowerBound == 0 || bytes[dashes.lowerBound - 1] == 0x0A
            if beginsLine, name.upperBound <= bytes.count, bytes.part(name).equals(boundary) {
                return dashes.lowerBound..<name.upperBound
            }
            position = dashes.lowerBound + 1
        }
        return nil
    }

    private static func names(_ partHead: UnsafeRawBufferPointer) -> Bool {
        partHead.firstRange(of: "name=\"model\"", in: 0..<partHead.count) != nil
            || partHead.firstRange(of: "name=model\r", in: 0..<partHead.count) != nil
    }
}
