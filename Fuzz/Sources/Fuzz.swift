#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What libFuzzer calls for each input. `IK_FUZZ_TARGET` names the parser it goes to.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafeRawPointer?, _ count: Int) -> CInt {
    chosen(UnsafeRawBufferPointer(start: start, count: count))
    return 0
}

/// Every parser that faces bytes of strangers, by the name of its folder in `corpus/`. Each takes any bytes, and traps
/// where a promise is broken.
private let targets: [(name: String, run: @Sendable (UnsafeRawBufferPointer) -> Void)] = [
    ("request-head", { RequestHeadFuzz.run($0) }), ("answer-head", { AnswerHeadFuzz.run($0) }),
    ("request-chunks", { ChunkFuzz.run($0, isStrict: true) }),
    ("answer-chunks", { ChunkFuzz.run($0, isStrict: false) }),
    ("event-scanner", { EventFuzz.run($0) }), ("credential", { CredentialFuzz.run($0) }),
    ("json-scan", { JSONFuzz.run($0) }), ("multipart", { MultipartFuzz.run($0) }),
    ("http2-request-head", { HTTP2RequestHeadFuzz.run($0) }), ("http2-answer-head", { HTTP2AnswerHeadFuzz.run($0) }),
]

private let chosen: @Sendable (UnsafeRawBufferPointer) -> Void = {
    let name = getenv("IK_FUZZ_TARGET").map { String(cString: $0) } ?? ""
    guard let target = targets.first(where: { $0.name == name }) else {
        print("IK_FUZZ_TARGET must be one of: \(targets.map(\.name).joined(separator: ", "))")
        exit(2)
    }
    return target.run
}()

extension UnsafeRawBufferPointer {
    /// The bytes in a buffer of their own and of exactly their size, so that a read past the end is seen.
    func alone<Result>(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: range.count, alignment: 1)
        defer { copy.deallocate() }
        copy.copyMemory(from: part(range))
        return body(UnsafeRawBufferPointer(copy))
    }

    /// The bytes after the first in pieces whose sizes the first one decides; each piece lies alone.
    func inPieces(_ body: (UnsafeRawBufferPointer) -> Void) {
        var state = UInt32(first ?? 0) &* 2_654_435_761 | 1
        var position = 1
        while position < count {
            state = state &* 1_664_525 &+ 1_013_904_223
            let end = Swift.min(count, position + 1 + Int(state >> 24) % 17)
            alone(position..<end, body)
            position = end
        }
    }
}
