import InferenceKeyWire

enum RouteMethod: String, Sendable, Hashable, CaseIterable {
    case get = "GET"
    case post = "POST"
    case patch = "PATCH"
    case delete = "DELETE"
}

/// One route of the control API: how it is reached, who may, what it takes and gives.
///
/// The table of these is the only description of the API: what is served, who is let in, the OpenAPI document and the
/// tests of every credential all come from it. There is no route without an access: this type cannot be made without.
struct Route: Sendable {
    let method: RouteMethod
    let path: RoutePath
    let rule: AccessRule
    let summary: String
    let query: [QueryParameter]
    let body: BodyRule
    let answers: [RouteAnswer]
    /// Refusals of its own, beside those that its access and its body bring.
    let failures: [ErrorCode]
    /// Lets the request in, or throws, and answers it.
    let answer: @Sendable (Visit) async throws -> Reply

    init<Subject: Sendable>(
        _ method: RouteMethod, _ path: RoutePath, _ access: Access<Subject>, _ summary: String,
        query: [QueryParameter] = [], body: BodyRule = .none, maxBodyBytes: Int = Visit.maxBodyBytes,
        answers: [RouteAnswer], failures: [ErrorCode] = [],
        handler: @escaping @Sendable (Call, Subject) async throws -> Reply
    ) {
        self.method = method
        self.path = path
        rule = access.rule
        self.summary = summary
        self.query = query
        self.body = body
        self.answers = answers
        self.failures = failures
        answer = { visit in
            let caller = try visit.caller(by: access.rule)
            let subject = try access.admit(visit, caller)
            let query = try Query(visit.query, allowing: query)
            let json = try await visit.body(body, upTo: maxBodyBytes)
            return try await handler(Call(visit, caller, query, json), subject)
        }
    }
}

/// What a request carries.
enum BodyRule: Sendable {
    case none
    case optional(Schema)
    case required(Schema)
    /// A form with a file, which the handler reads as it arrives.
    case form(Schema)

    var schema: Schema? {
        switch self {
        case .none: nil
        case .optional(let schema), .required(let schema), .form(let schema): schema
        }
    }

    var isForm: Bool { if case .form = self { true } else { false } }
}

/// One good answer of a route.
struct RouteAnswer: Sendable {
    enum Content: Sendable {
        case nothing
        case json(Schema)
        /// Server-sent events, each with this as its data.
        case events(Schema)
        case text
        /// An array of this in JSON, or the same as CSV.
        case table(Schema)
    }

    let status: Int
    let content: Content
    let summary: String

    static func json(_ status: Int, _ schema: Schema, _ summary: String) -> RouteAnswer {
        RouteAnswer(status: status, content: .json(schema), summary: summary)
    }

    static func events(_ schema: Schema, _ summary: String) -> RouteAnswer {
        RouteAnswer(status: 200, content: .events(schema), summary: summary)
    }

    static func table(_ row: Schema, _ summary: String) -> RouteAnswer {
        RouteAnswer(status: 200, content: .table(row), summary: summary)
    }

    static let noContent = RouteAnswer(status: 204, content: .nothing, summary: "Done.")
    static let text = RouteAnswer(status: 200, content: .text, summary: "Text.")
}
