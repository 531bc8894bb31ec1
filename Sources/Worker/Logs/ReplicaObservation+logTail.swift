package import Fleet

extension ReplicaObservation {
    /// More of a log's end is not reported: a worker with many failing replicas must still be heard.
    package static let maxLogTailBytes = 4096
    private static let maxLineBytes = 500

    /// The newest of `lines` that may be reported, oldest first; long ones are cut.
    package static func logTail(of lines: [String]) -> [String] {
        var room = maxLogTailBytes
        let kept = lines.suffix(maxLogTailLines).reversed().map { $0.cut(toBytes: maxLineBytes) }.prefix { line in
            room -= line.utf8.count
            return room >= 0
        }
        return kept.reversed()
    }
}
