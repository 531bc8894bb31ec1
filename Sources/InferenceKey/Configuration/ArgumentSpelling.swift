/// How a language writes a named argument in a message.
package enum ArgumentSpelling: String, Sendable, Hashable, CaseIterable {
    case swift, python, node, go, java

    /// `api_key` as `apiKey:`, `api_key=`, `{ apiKey }`, `WithAPIKey(…)` or `.apiKey(…)`.
    package func argument(_ name: String) -> String {
        switch self {
        case .swift: "\(camelCase(name)):"
        case .python: "\(name)="
        case .node: "{ \(camelCase(name)) }"
        case .go: "With\(goName(name))(…)"
        case .java: ".\(camelCase(name))(…)"
        }
    }

    private func camelCase(_ name: String) -> String {
        let words = name.split(separator: "_")
        return words.prefix(1).joined() + words.dropFirst().map(capitalised).joined()
    }

    private func goName(_ name: String) -> String {
        name.split(separator: "_").map { ["api", "sdk", "url"].contains($0) ? $0.uppercased() : capitalised($0) }
            .joined()
    }

    private func capitalised(_ word: Substring) -> String { word.prefix(1).uppercased() + word.dropFirst() }
}
