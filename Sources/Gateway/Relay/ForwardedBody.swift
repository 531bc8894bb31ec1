import NIOCore

/// A request's body for one replica: as it came, but for the name of the model where the engine knows it under another.
struct ForwardedBody {
    /// Bodies up to this are copied behind their head and written with it.
    private static let maxJoinedBytes = 16 << 10

    private let bytes: ByteBuffer
    /// Where ``name`` takes the place of what stands there.
    private let replaced: Range<Int>
    private let name: [UInt8]

    /// - Parameter model: where the name of the model stands in `bytes`.
    init(_ bytes: ByteBuffer, model: Range<Int>?, isJSON: Bool, for replica: Replica) {
        self.bytes = bytes
        guard let model, !replica.servedName.isEmpty,
            !bytes.withUnsafeReadableBytes({ $0.part(model).equals(replica.servedName) })
        else {
            replaced = 0..<0
            name = []
            return
        }
        replaced = model
        name = isJSON ? replica.servedNameInJSON : replica.servedName
    }

    var byteCount: Int { bytes.readableBytes - replaced.count + name.count }

    var isJoined: Bool { byteCount <= Self.maxJoinedBytes }

    func write(into out: inout HeadWriter) {
        bytes.withUnsafeReadableBytes { bytes in
            out.write(bytes.part(0..<replaced.lowerBound))
            name.withUnsafeBytes { out.write($0) }
            out.write(bytes.part(replaced.upperBound..<bytes.count))
        }
    }

    /// Parts to be written one after the other; none of the body is copied.
    var pieces: [ByteBuffer] {
        guard !name.isEmpty else { return [bytes] }
        let start = bytes.readerIndex
        let rest = bytes.readableBytes - replaced.upperBound
        return [
            bytes.getSlice(at: start, length: replaced.lowerBound) ?? ByteBuffer(), ByteBuffer(bytes: name),
            bytes.getSlice(at: start + replaced.upperBound, length: rest) ?? ByteBuffer(),
        ]
    }
}
