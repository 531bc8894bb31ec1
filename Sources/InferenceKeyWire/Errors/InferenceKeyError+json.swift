extension InferenceKeyError {
    /// Kind, message, and the code where there is one.
    package var json: JSONValue {
        var object: JSONObject = ["kind": .string(kind.rawValue), "message": .string(message)]
        if let code { object["code"] = .string(code) }
        return .object(object)
    }
}
