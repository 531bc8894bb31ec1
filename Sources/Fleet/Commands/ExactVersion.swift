/// An exact version of a Python package, such as `0.11.2`, `0.12.0rc1` or `0.11.0+cpu`.
package enum ExactVersion {
    package static func isValid(_ text: String) -> Bool {
        guard text.utf8.count <= 60 else { return false }
        let parts = text.split(separator: "+", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty }) else { return false }
        if parts.count == 2, !parts[1].allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".") }) {
            return false
        }
        let release = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        guard release.count >= 2, release.allSatisfy({ !$0.isEmpty }), isNumber(release[0]) else { return false }
        return release.dropFirst().allSatisfy(isPart)
    }

    /// `2`, `0rc1`, `post1`, `dev3`
    private static func isPart(_ part: Substring) -> Bool {
        for mark in ["post", "dev"] where part.hasPrefix(mark) { return isNumber(part.dropFirst(mark.count)) }
        let number = part.prefix { isDigit($0) }
        let rest = part.dropFirst(number.count)
        guard !number.isEmpty else { return false }
        guard let mark = ["rc", "a", "b"].first(where: { rest.hasPrefix($0) }) else { return rest.isEmpty }
        return isNumber(rest.dropFirst(mark.count))
    }

    private static func isNumber(_ text: Substring) -> Bool { !text.isEmpty && text.allSatisfy(isDigit) }
    private static func isDigit(_ character: Character) -> Bool { character.isASCII && character.isNumber }
}
