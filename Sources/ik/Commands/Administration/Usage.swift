import ArgumentParser
import Console
import Fleet
import InferenceKeyWire

struct Usage: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "usage", "Shows requests and tokens by day, project, workload and key.",
        examples: [
            "ik usage", "ik usage --by project --by day --since 30d",
            "ik usage --project acme --from 2026-11-01 --to 2026-11-30 --csv > november.csv",
        ],
        notes: "Days are of UTC; a request counts on the day it began. EST is the share of the tokens that was counted "
            + "by events because the engine did not say, or because the request was cut.")

    @OptionGroup var server: ServerOptions
    @OptionGroup var inProject: ProjectOption

    @Option(
        help: "Add up by this alone; may be given several times: \(UsageDimension.allCases.map(\.rawValue).list).")
    var by: [UsageDimension] = []

    @Option(help: "Only of the workload with this slug.")
    var workload: String?

    @Option(help: "Only of this key, by its id or the beginning of it.")
    var key: String?

    @Option(help: "From the day that is so long ago, 30d or 12h, or from this day on.")
    var since: String?

    @Option(help: "First day, such as 2026-11-01.")
    var from: String?

    @Option(help: "Last day.")
    var to: String?

    @Flag(help: "Print CSV.")
    var csv = false

    func validate() throws {
        if csv, server.json { throw ValidationError("Give --csv or --json, not both.") }
        if since != nil, from != nil { throw ValidationError("Give --since or --from, not both.") }
    }

    func run(_ session: Session) async throws {
        let administration = try session.administration()
        let rows = try await administration.list(
            "usage",
            [
                ("project", session.namedProject(inProject)), ("workload", workload),
                ("key", try await keyID(with: administration)),
                ("from", try since.map(Self.day(since:)) ?? from), ("to", to),
                ("group_by", by.isEmpty ? nil : by.map(\.rawValue).joined(separator: ",")),
            ])
        if csv { return session.terminal.printPart(CSV.text(rows, columns: UsageSummary.columns)) }
        session.show(rows, none: "Nothing was used yet. Next: ik chat WORKLOAD 'Hello'") {
            UsageTable(by: by.isEmpty ? UsageDimension.usual : by).table(rows)
        }
    }

    /// The whole id. One of a key that is not listed any more stays what it is: its usage is kept.
    private func keyID(with administration: Administration) async throws -> String? {
        guard let key else { return nil }
        if key.count == Credential.idLength { return key }
        return try await administration.id(key, in: "keys", noun: "key")
    }

    /// The day that a span such as `30d` reaches back to; a day stays what it is.
    private static func day(since text: String) throws -> String {
        if Timestamp(rfc3339: text + "T00:00:00Z") != nil { return text }
        guard let seconds = TimeSpan.seconds(of: text) else {
            throw CommandFailure(
                .wrongUsage,
                "--since must be a span of time such as 30d or 12h, or a day such as 2026-11-01, not "
                    + "\"\(text)\"")
        }
        return String(
            Timestamp(milliseconds: Timestamp.now.milliseconds - Int64(seconds) * 1000).description.prefix(10))
    }
}

extension UsageDimension: ExpressibleByArgument {}

extension [String] {
    fileprivate var list: String { joined(separator: ", ") }
}

/// Usage as people read it: the columns that it is added up by, then the sums.
private struct UsageTable {
    private let columns: [(title: String, member: String)]

    init(by dimensions: [UsageDimension]) {
        let wanted = Set(dimensions)
        let project = !wanted.isDisjoint(with: [.project, .workload, .key])
        columns =
            [
                (wanted.contains(.day), "DAY", "day"), (project, "PROJECT", "project_slug"),
                (wanted.contains(.workload), "WORKLOAD", "workload_slug"), (wanted.contains(.key), "KEY", "key_id"),
                (wanted.contains(.estimated), "ESTIMATED", "estimated"), (true, "REQUESTS", "requests"),
                (true, "FAILED", "failed_requests"), (true, "TOKENS IN", "tokens_in"),
                (true, "TOKENS OUT", "tokens_out"),
            ].filter(\.0).map { ($0.1, $0.2) }
    }

    func table(_ rows: [JSONValue]) -> Table {
        var table = Table(columns.map(\.title) + ["EST", "TIME"])
        for row in rows {
            let cells = columns.map { row.text($0.member) }
            let time = TimeSpan.clock(milliseconds: Int64(row["milliseconds"]?.intValue ?? 0))
            table.add(cells + [estimated(row), time])
        }
        return table
    }

    private func estimated(_ row: JSONValue) -> String {
        let tokens = (row["tokens_in"]?.doubleValue ?? 0) + (row["tokens_out"]?.doubleValue ?? 0)
        let share = row["estimated_tokens"]?.doubleValue ?? 0
        return tokens <= 0 || share <= 0 ? "" : "\(Int(max(1, min(100, 100 * share / tokens)))) %"
    }
}
