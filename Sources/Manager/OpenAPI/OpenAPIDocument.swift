import Fleet
import InferenceKeyWire

/// The OpenAPI 3.1 document of a route table.
struct OpenAPIDocument: Sendable {
    let json: JSONValue

    /// Grows when clients of an older one would break.
    static let apiVersion = "1.0"

    init(_ table: RouteTable) {
        var paths = JSONObject()
        for route in table.routes {
            let name = route.path.template
            var item = paths[name]?.objectValue ?? [:]
            item[route.method.rawValue.lowercased()] = route.operation
            paths[name] = .object(item)
        }
        json = [
            "openapi": "3.1.0",
            "info": [
                "title": "InferenceKey control API", "version": .string(Self.apiVersion),
                "description": .string(Self.introduction),
                "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
            ],
            "paths": .object(paths),
            "components": [
                "schemas": .object(JSONObject(Components.all.map { ($0.name, $0.schema.json) })),
                "securitySchemes": .object(
                    JSONObject(CredentialKind.allCases.map { ($0.rawValue, Self.scheme(of: $0)) })),
            ],
        ]
    }

    private static let introduction =
        "Declares workloads and runs an installation. Every answer carries x-request-id; every refusal is JSON with a "
        + "string in `error`. Unknown fields in requests are refused by name; clients tolerate unknown fields in answers."

    private static func scheme(of kind: CredentialKind) -> JSONValue {
        ["type": "http", "scheme": "bearer", "bearerFormat": .string("\(kind.prefix)<8 hex>_<64 hex>")]
    }
}

extension RoutePath {
    /// The pattern in the document's form: `{name}` instead of `:name`.
    fileprivate var template: String {
        segments.map { segment in
            switch segment {
            case .word(let word): "/\(word)"
            case .parameter(let name): "/{\(name)}"
            }
        }.joined()
    }
}

extension Route {
    /// A name for generators: method and path in words.
    fileprivate var operationID: String {
        let words = path.segments.map { segment in
            switch segment {
            case .word(let word): word
            case .parameter(let name): "by_\(name)"
            }
        }
        let text = ([method.rawValue.lowercased()] + words).joined(separator: "_")
        return String(text.map { $0.isLetter || $0.isNumber ? $0 : "_" })
    }

    fileprivate var operation: JSONValue {
        var object: JSONObject = ["summary": .string(summary), "operationId": .string(operationID)]
        object["security"] = .array(rule.kinds.map { .object(JSONObject([($0.rawValue, .array([]))])) })
        let parameters = pathParameters + queryParameters + headerParameters
        if !parameters.isEmpty { object["parameters"] = .array(parameters) }
        if let schema = body.schema {
            object["requestBody"] = [
                "required": .bool(body.isRequired),
                "content": body.isForm ? ["multipart/form-data": ["schema": schema.json]] : content(schema),
            ]
        }
        object["responses"] = responses
        return .object(object)
    }

    private var pathParameters: [JSONValue] {
        path.parameterNames.map { ["name": .string($0), "in": "path", "required": true, "schema": ["type": "string"]] }
    }

    private var queryParameters: [JSONValue] {
        query.map {
            [
                "name": .string($0.name), "in": "query", "required": false, "description": .string($0.summary),
                "schema": $0.schema.json,
            ]
        }
    }

    private var headerParameters: [JSONValue] {
        guard failures.contains(.revisionMismatch) else { return [] }
        return [
            [
                "name": "If-Match", "in": "header", "required": false, "schema": ["type": "string"],
                "description": "The revision the change is based on, in double quotes.",
            ]
        ]
    }

    private func content(_ schema: Schema) -> JSONValue { ["application/json": ["schema": schema.json]] }

    private var responses: JSONValue {
        var object = JSONObject()
        for answer in answers {
            var response: JSONObject = ["description": .string(answer.summary)]
            switch answer.content {
            case .nothing: break
            case .json(let schema): response["content"] = content(schema)
            case .events(let schema):
                response["content"] = ["text/event-stream": ["schema": schema.json]]
            case .table(let row):
                response["content"] = [
                    "application/json": ["schema": Schema.array(row).json],
                    "text/csv": ["schema": ["type": "string"]],
                ]
            case .text: response["content"] = ["text/plain": ["schema": ["type": "string"]]]
            }
            object[String(answer.status)] = .object(response)
        }
        for (status, codes) in refusals.sorted(by: { $0.key < $1.key }) where object[String(status)] == nil {
            object[String(status)] = [
                "description": .string(codes.map(\.rawValue).sorted().joined(separator: ", ")),
                "content": content(.ref("Error")),
            ]
        }
        return .object(object)
    }

    /// Every refusal that the route may give, by status.
    private var refusals: [Int: Set<ErrorCode>] {
        var codes: Set<ErrorCode> = [.internalError, .invalidRequest, .unavailable]
        codes.formUnion(failures)
        if rule != .open { codes.formUnion([.invalidCredentials, .wrongCredentialType, .scopeInsufficient]) }
        switch rule {
        case .project: codes.formUnion([.projectScopeMismatch, .notFound])
        case .workload: codes.formUnion([.projectScopeMismatch, .workloadNotFound])
        default: if !path.parameterNames.isEmpty { codes.insert(.notFound) }
        }
        if method != .get { codes.insert(.storageFull) }
        if body.schema != nil { codes.insert(.payloadTooLarge) }
        return Dictionary(grouping: codes, by: \.status).mapValues(Set.init)
    }
}

extension BodyRule {
    fileprivate var isRequired: Bool {
        switch self {
        case .required, .form: true
        case .none, .optional: false
        }
    }
}
