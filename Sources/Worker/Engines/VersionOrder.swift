/// Orders version texts by their numbers: `0.10.0` is newer than `0.9.2`, a release newer than its candidates.
package enum VersionOrder {
    package static func isNewer(_ left: String, than right: String) -> Bool {
        let (a, b) = (release(of: left), release(of: right))
        if a != b { return b.lexicographicallyPrecedes(a) }
        if isCandidate(left) != isCandidate(right) { return isCandidate(right) }
        return left > right
    }

    /// Whether the version is the wanted one; a local label (`+cpu`) counts only when it was asked for.
    package static func matches(_ version: String, wanted: String) -> Bool {
        version == wanted || (!wanted.contains("+") && version.prefix { $0 != "+" } == wanted)
    }

    private static func release(of version: String) -> [Int] {
        version.prefix { $0.isNumber || $0 == "." }.split(separator: ".").map { Int($0) ?? 0 }
    }

    private static func isCandidate(_ version: String) -> Bool {
        version.prefix { $0 != "+" }.contains { $0.isLetter } && !version.contains("post")
    }
}
