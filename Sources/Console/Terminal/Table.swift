/// Rows under headings, aligned with spaces.
package struct Table: Sendable {
    private let headings: [String]
    private var rows: [[String]] = []

    package init(_ headings: String...) { self.init(headings) }

    package init(_ headings: [String]) { self.headings = headings }

    package var isEmpty: Bool { rows.isEmpty }

    /// A row has one cell per heading; line breaks in a cell become spaces, an empty cell becomes `-`.
    package mutating func add(_ cells: String...) { add(cells) }

    package mutating func add(_ cells: [String]) {
        precondition(cells.count == headings.count, "one cell per heading")
        rows.append(cells.map(Self.clean))
    }

    /// The table's lines, each cut to `width` characters where one is given.
    package func text(width: Int? = nil) -> String {
        let all = [headings] + rows
        let widths = headings.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in Self.line(row, widths, limit: width) }.joined(separator: "\n")
    }

    private static func line(_ row: [String], _ widths: [Int], limit: Int?) -> String {
        var line = ""
        for (column, cell) in row.enumerated() {
            line += cell
            if column + 1 < row.count { line += String(repeating: " ", count: widths[column] - cell.count + 2) }
        }
        return limit.map { Self.cut(line, to: $0) } ?? line
    }

    /// `text` with at most `width` characters, the last one `…` when something was left out.
    static func cut(_ text: String, to width: Int) -> String {
        text.count <= width || width < 1 ? text : text.prefix(width - 1) + "…"
    }

    private static func clean(_ cell: String) -> String {
        cell.isEmpty ? "-" : String(cell.map { $0.isNewline || $0 == "\t" ? " " : $0 })
    }
}
