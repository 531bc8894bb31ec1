/// Splits a command line as a POSIX shell splits words. Nothing is expanded and nothing is run.
package enum ShellWords {
    package struct SplitError: Error, Sendable, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// Longer command lines are refused.
    package static let maxBytes = 32_768

    package static func split(_ line: String) throws(SplitError) -> [String] {
        guard line.utf8.count <= maxBytes else {
            throw SplitError(description: "is longer than \(maxBytes) bytes")
        }
        var words: [String] = []
        var word: String?
        var rest = line.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case " ", "\t", "\n", "\r":
                if let done = word { words.append(done) }
                word = nil
            case "'":
                guard let end = rest.firstIndex(of: "'") else {
                    throw SplitError(description: "has a single quote that is never closed")
                }
                word = (word ?? "") + String(rest[..<end])
                rest = rest[rest.index(after: end)...]
            case "\"": word = (word ?? "") + (try quoted(&rest))
            case "\\":
                guard let next = rest.popFirst() else {
                    throw SplitError(description: "ends with a backslash")
                }
                if next != "\n" { word = (word ?? "") + String(next) }
            case ";", "|", "&", "<", ">", "`":
                throw SplitError(
                    description: "has a shell's \"\(scalar)\"; it is run without a shell, so quote it or leave it out")
            case "\0": throw SplitError(description: "has a NUL character")
            default: word = (word ?? "") + String(scalar)
            }
        }
        if let done = word { words.append(done) }
        return words
    }

    private static func quoted(_ rest: inout Substring.UnicodeScalarView) throws(SplitError) -> String {
        var out = ""
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\"": return out
            case "\\":
                guard let next = rest.popFirst() else { break }
                if !"\"\\$`\n".unicodeScalars.contains(next) { out.unicodeScalars.append("\\") }
                if next != "\n" { out.unicodeScalars.append(next) }
            default: out.unicodeScalars.append(scalar)
            }
        }
        throw SplitError(description: "has a double quote that is never closed")
    }
}
