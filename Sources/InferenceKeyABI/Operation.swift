import InferenceKey
import InferenceKeyWire

/// What a client can be asked to do.
enum Operation: String, CaseIterable {
    case ensure, plan, delete, get, list, status, logs
    case followLogs = "follow_logs"
    case waitUntilReady = "wait_until_ready"
    case endpoint, embed, rerank, forecast, request
    case submitJob = "submit_job"
    case getJob = "get_job"
    case generateText = "generate_text"
    case generateTextStream = "generate_text_stream"

    /// Whether answers come as arrays of events until the end.
    var isStream: Bool { self == .followLogs || self == .waitUntilReady || self == .generateTextStream }

    /// Throws a validation error for a name that is none.
    init(named name: String) throws(InferenceKeyError) {
        guard let operation = Operation(rawValue: name) else {
            let names = Self.allCases.map(\.rawValue)
            let hint = Suggestion.nearest(to: name, in: names).map { "; did you mean \"\($0)\"?" } ?? ""
            throw .validation("there is no operation \"\(name)\"\(hint)")
        }
        self = operation
    }

    func run(_ arguments: [UInt8], _ client: Client, for request: Request) async throws(InferenceKeyError) {
        var arguments = try Arguments(parsing: arguments)
        let options = try arguments.options(over: client.options)
        switch client.plane {
        case .control(let management): try await run(&arguments, management.with(options), for: request)
        case .data(let data): try await run(&arguments, data, options, for: request)
        }
    }

    /// The operation belongs to the other client.
    var misplaced: InferenceKeyError {
        .validation("\(rawValue) is no operation of this client; control and data operations have clients of their own")
    }
}
