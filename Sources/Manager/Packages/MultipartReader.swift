#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Reads a `multipart/form-data` body as it arrives. Holds no more of it than one part's head or one boundary.
///
///     between ──boundary──▶ head ──blank line──▶ content ──boundary──▶ head …
///        └──────────────────────────────────────────┴──closing boundary──▶ ended
struct MultipartReader: Sendable {
    enum Event: Sendable, Hashable {
        case began(MultipartPart)
        case content([UInt8])
        case partEnded
        /// The closing boundary; what follows it is ignored.
        case ended
    }

    private enum Stage: Sendable, Hashable {
        /// Before the first boundary.
        case between
        case head, content
        /// A boundary was read: what comes next tells whether it is the closing one.
        case boundary
        case ended
    }

    static let maxHeadBytes = 8 << 10
    static let maxParts = 32
    static let maxBoundaryBytes = 70

    private let delimiter: [UInt8]
    private var stage = Stage.between
    /// What was read and not yet told. It begins with the line break that the first boundary may lack.
    private var held = Array("\r\n".utf8)
    private var parts = 0

    /// - Parameter boundary: as the content type names it.
    init(boundary: String) { delimiter = Array("\r\n--\(boundary)".utf8) }

    var hasEnded: Bool { stage == .ended }

    mutating func read(_ bytes: [UInt8]) throws(MultipartFault) -> [Event] {
        guard stage != .ended else { return [] }
        held += bytes
        var events: [Event] = []
        while let event = try step(&events) { events.append(event) }
        return events
    }

    /// The next event that what is held makes; nil when more is needed.
    private mutating func step(_ events: inout [Event]) throws(MultipartFault) -> Event? {
        while true {
            switch stage {
            case .ended: return nil
            case .between, .content:
                let isContent = stage == .content
                guard let place = find(delimiter) else {
                    // The start of a boundary may stand at the end.
                    let sure = held.count - (delimiter.count - 1)
                    guard sure > 0 else { return nil }
                    let piece = take(sure)
                    return isContent ? .content(piece) : nil
                }
                let piece = take(place)
                held.removeFirst(delimiter.count)
                stage = .boundary
                guard isContent else { continue }
                if !piece.isEmpty { events.append(.content(piece)) }
                return .partEnded
            case .boundary:
                guard held.count >= 2 else { return nil }
                let mark = Array(held[..<2])
                if mark == Array("--".utf8) {
                    stage = .ended
                    held = []
                    return .ended
                }
                guard mark == Array("\r\n".utf8) else { throw .malformed("a boundary is followed by something else") }
                // Left where it is: a head that is empty ends with it.
                stage = .head
            case .head:
                guard let end = find(Array("\r\n\r\n".utf8)) else {
                    guard held.count <= Self.maxHeadBytes else { throw .malformed("the head of a part is too long") }
                    return nil
                }
                guard end <= Self.maxHeadBytes else { throw .malformed("the head of a part is too long") }
                let head = take(end)
                held.removeFirst(4)
                parts += 1
                guard parts <= Self.maxParts else { throw .malformed("there are more than \(Self.maxParts) parts") }
                stage = .content
                return .began(try MultipartPart(head: head))
            }
        }
    }

    private mutating func take(_ count: Int) -> [UInt8] {
        let piece = Array(held[..<count])
        held.removeFirst(count)
        return piece
    }

    private func find(_ needle: [UInt8]) -> Int? {
        held.withUnsafeBytes { held in
            guard let start = held.baseAddress, let first = needle.first else { return nil }
            var position = 0
            while position + needle.count <= held.count,
                let found = memchr(start + position, Int32(first), held.count - position - needle.count + 1)
            {
                position = UnsafeRawPointer(found) - start
                if memcmp(start + position, needle, needle.count) == 0 { return position }
                position += 1
            }
            return nil
        }
    }
}

/// Why a multipart body cannot be read.
struct MultipartFault: Error, Sendable, Equatable {
    let reason: String
    static func malformed(_ reason: String) -> MultipartFault { MultipartFault(reason: reason) }
}
