package import InferenceKeyWire

extension CommandFailure {
    /// What an error of the SDK means to somebody at a terminal; `address` is the server that was asked.
    package init(_ error: InferenceKeyError, address: String) {
        self.init(
            Outcome(error), Self.headline(of: error), why: Self.fields(of: error),
            next: Self.next(after: error, address: address))
    }

    private static func headline(of error: InferenceKeyError) -> String {
        error.requestID.map { "\(error.message) (request \($0))" } ?? error.message
    }

    private static func fields(of error: InferenceKeyError) -> String? {
        let told = error.fields.sorted { $0.key < $1.key }.filter { !error.message.contains($0.value) }
        return told.isEmpty ? nil : told.map { "\($0.key): \($0.value)" }.joined(separator: "\n")
    }

    private static func next(after error: InferenceKeyError, address: String) -> [String] {
        switch error.kind {
        case .network:
            return [
                "ik up            # starts the platform on this machine",
                "export INFERENCEKEY_BASE_URL=…   # where it runs elsewhere (now \(address))",
            ]
        case .authentication:
            return [
                "export INFERENCEKEY_OPERATOR_KEY=…   # or run this as the user who ran 'ik up', with the same --data"
            ]
        case .permissionDenied:
            return ["ik token create --project P   # a control token; 'ik key create' makes a data key"]
        case .notFound: return error.code == "workload_not_found" ? ["ik list"] : []
        case .api where error.code == "workload_not_ready" || error.code == "no_capacity":
            return ["ik explain WORKLOAD"]
        case .timeout: return ["ik status WORKLOAD"]
        default: return []
        }
    }
}

extension Outcome {
    /// The exit code for an error of the SDK.
    package init(_ error: InferenceKeyError) {
        switch error.kind {
        case .configuration: self = .wrongUsage
        case .authentication, .permissionDenied: self = .notAuthorised
        case .notFound: self = .notFound
        case .network: self = .unreachable
        case .timeout: self = .notReadyInTime
        case .cancelled: self = .interrupted
        case .validation, .rateLimited, .api: self = Self.answer(error)
        }
    }

    private static func answer(_ error: InferenceKeyError) -> Outcome {
        switch (error.status, error.code) {
        case (409, _), (412, _): .conflict
        case (_, "workload_not_ready"), (_, "no_capacity"): .notReadyInTime
        case (_, "unavailable"): .unreachable
        case (nil, _) where error.message.hasPrefix("workload drifted"): .conflict
        default: .failed
        }
    }
}
