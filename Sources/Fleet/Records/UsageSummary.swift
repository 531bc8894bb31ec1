package import InferenceKeyWire

/// What usage is added up by.
package enum UsageDimension: String, Sendable, Hashable, CaseIterable {
    case day, project, workload, key, estimated

    package static let usual: [UsageDimension] = [.day, .project, .workload, .key]
}

/// Usage added up by some of its dimensions.
package struct UsageSummary: Sendable, Hashable {
    package private(set) var day: String?
    package private(set) var projectID: ProjectID?
    package private(set) var workloadSlug: String?
    package private(set) var keyID: String?
    package private(set) var isEstimated: Bool?
    package private(set) var requests = 0
    package private(set) var failedRequests = 0
    /// Requests whose tokens were counted by events, or that were cut before the engine said what it used.
    package private(set) var estimatedRequests = 0
    package private(set) var tokensIn = 0
    package private(set) var tokensOut = 0
    /// Tokens, in and out, of those requests.
    package private(set) var estimatedTokens = 0
    package private(set) var milliseconds: Int64 = 0

    /// A workload and a key belong to a project, so either brings its project along.
    private init(_ record: UsageRecord, by dimensions: Set<UsageDimension>) {
        if dimensions.contains(.day) { day = record.day }
        if !dimensions.isDisjoint(with: [.project, .workload, .key]) { projectID = record.projectID }
        if dimensions.contains(.workload) { workloadSlug = record.workloadSlug }
        if dimensions.contains(.key) { keyID = record.keyID }
        if dimensions.contains(.estimated) { isEstimated = record.isEstimated }
    }

    private mutating func add(_ record: UsageRecord) {
        requests += record.requests
        failedRequests += record.failedRequests
        tokensIn += record.tokensIn
        tokensOut += record.tokensOut
        milliseconds += record.milliseconds
        guard record.isEstimated else { return }
        estimatedRequests += record.requests
        estimatedTokens += record.tokensIn + record.tokensOut
    }

    /// In the order of the records.
    package static func all(_ records: [UsageRecord], by dimensions: Set<UsageDimension>) -> [UsageSummary] {
        var order: [UsageSummary] = []
        var sums: [UsageSummary: UsageSummary] = [:]
        for record in records {
            let name = UsageSummary(record, by: dimensions)
            if sums[name] == nil { order.append(name) }
            sums[name, default: name].add(record)
        }
        return order.compactMap { sums[$0] }
    }
}

extension UsageSummary {
    /// The members of ``json(projectSlug:)``, and the columns of a table of them.
    package static let columns = [
        "day", "project_id", "project_slug", "workload_slug", "key_id", "estimated", "requests", "failed_requests",
        "estimated_requests", "tokens_in", "tokens_out", "estimated_tokens", "milliseconds",
    ]

    /// What it is not added up by is null.
    package func json(projectSlug: String?) -> JSONValue {
        [
            "day": .optional(day), "project_id": .optional(projectID?.text), "project_slug": .optional(projectSlug),
            "workload_slug": .optional(workloadSlug), "key_id": .optional(keyID),
            "estimated": isEstimated.map { .bool($0) } ?? .null, "requests": .int(requests),
            "failed_requests": .int(failedRequests), "estimated_requests": .int(estimatedRequests),
            "tokens_in": .int(tokensIn), "tokens_out": .int(tokensOut), "estimated_tokens": .int(estimatedTokens),
            "milliseconds": .int(Int(milliseconds)),
        ]
    }
}

/// Tables as text (RFC 4180).
package enum CSV {
    /// Objects with these members as lines, the names first. What is null is empty.
    package static func text(_ rows: [JSONValue], columns: [String]) -> String {
        let lines = [columns] + rows.map { row in columns.map { cell(row[$0]) } }
        return lines.map { $0.map(quoted).joined(separator: ",") + "\r\n" }.joined()
    }

    private static func cell(_ value: JSONValue?) -> String {
        switch value {
        case nil, .null: ""
        case .string(let text): text
        case .some(let value): value.text
        }
    }

    private static func quoted(_ cell: String) -> String {
        guard cell.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return cell }
        return "\"" + cell.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
