import InferenceKeyWire

/// A request target below `/endpoint/`, in its parts: `/endpoint/:project/:workload/rest?query`.
///
/// Nothing is decoded: a path that two readers could understand in two ways (`..`, `//`, `;`, `\`, any percent-encoding)
/// is refused.
struct EndpointTarget: Sendable, Hashable {
    var project: Range<Int>
    var workload: Range<Int>
    /// What follows the workload's slash, such as `v1/chat/completions`.
    var rest: Range<Int>
    /// The query with its question mark; empty when there is none.
    var query: Range<Int>

    static let maxNameBytes = 64

    /// Whether the target belongs to the data plane at all.
    static func isBelowEndpoint(_ bytes: UnsafeRawBufferPointer, _ target: Range<Int>) -> Bool {
        guard bytes.matches("/endpoint", at: target.lowerBound) else { return false }
        let next = target.lowerBound + 9
        return next >= target.upperBound || bytes[next] == UInt8(ascii: "/") || bytes[next] == UInt8(ascii: "?")
    }

    init(_ bytes: UnsafeRawBufferPointer, _ target: Range<Int>) throws(Refusal) {
        let mark = bytes.firstIndex(of: UInt8(ascii: "?"), from: target.lowerBound) ?? target.upperBound
        let pathEnd = min(mark, target.upperBound)
        try Self.checkPath(bytes, target.lowerBound..<pathEnd)
        let first = target.lowerBound + 10
        guard let projectEnd = Self.slash(bytes, first, pathEnd),
            let workloadEnd = Self.slash(bytes, projectEnd + 1, pathEnd)
        else { throw Self.incomplete }
        project = first..<projectEnd
        workload = projectEnd + 1..<workloadEnd
        rest = workloadEnd + 1..<pathEnd
        query = pathEnd..<target.upperBound
        guard Self.isName(bytes.part(project)), Self.isName(bytes.part(workload)) else { throw Self.incomplete }
    }

    private static func isName(_ name: UnsafeRawBufferPointer) -> Bool {
        !name.isEmpty && name.count <= maxNameBytes && name.allSatisfy(ByteClass.isName)
    }

    private static let incomplete = Refusal(
        .notFound, "an endpoint's address is /endpoint/PROJECT/WORKLOAD/v1/… with the slugs of both")

    private static let ambiguous = Refusal(
        .invalidRequest, "the path may hold no percent-encoding, no empty, . or .. segment, no ; and no backslash")

    private static func slash(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> Int? {
        guard let hit = bytes.firstIndex(of: UInt8(ascii: "/"), from: start), hit < end else { return nil }
        return hit
    }

    private static func checkPath(_ bytes: UnsafeRawBufferPointer, _ path: Range<Int>) throws(Refusal) {
        var segmentStart = path.lowerBound + 1
        for index in segmentStart..<max(segmentStart, path.upperBound) {
            switch bytes[index] {
            case UInt8(ascii: "%"), UInt8(ascii: ";"), UInt8(ascii: "\\"): throw ambiguous
            case UInt8(ascii: "/"):
                if isAmbiguous(bytes, segmentStart..<index) { throw ambiguous }
                segmentStart = index + 1
            default: break
            }
        }
        let last = segmentStart..<path.upperBound
        if !last.isEmpty, isAmbiguous(bytes, last) { throw ambiguous }
    }

    private static func isAmbiguous(_ bytes: UnsafeRawBufferPointer, _ segment: Range<Int>) -> Bool {
        segment.count <= 2 && bytes.part(segment).allSatisfy { $0 == UInt8(ascii: ".") }
    }
}
