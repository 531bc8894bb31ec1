import InferenceKey
import InferenceKeyWire

extension Decision {
    func webhook(_ given: inout Arguments) throws(InferenceKeyError) -> JSONValue {
        let (body, secret) = (given.requiredText("body"), given.requiredText("secret"))
        // What is out of all bounds stays so, and within those of a duration.
        let tolerance = max(-1, min(given.double("tolerance") ?? 300, 1e10))
        var headers: [String: String] = [:]
        for (name, value) in given.object("headers") ?? [:] { headers[name] = value.stringValue ?? value.text }
        let now = given.moment("now")
        do throws(InferenceKeyError) {
            try given.finish()
            let event = try verifyWebhook(
                Array(body.utf8), headers: headers, secret: secret, tolerance: .seconds(tolerance),
                now: now ?? ClientTime.system.date())
            return ["event": event]
        } catch { return ["error": error.json] }
    }
}

extension Arguments {
    /// RFC 3339, or seconds since 1970.
    fileprivate mutating func moment(_ key: String) -> Timestamp? {
        switch value(key) {
        case .string(let text)?:
            let moment = Timestamp(rfc3339: text)
            if moment == nil { reject(key, "must be a time such as 2026-11-24T08:00:00Z, or seconds since 1970") }
            return moment
        case .number(let number)? where abs(number.doubleValue) < 1e12:
            return Timestamp(milliseconds: Int64((number.doubleValue * 1000).rounded()))
        case nil: return nil
        default:
            reject(key, "must be a time such as 2026-11-24T08:00:00Z, or seconds since 1970")
            return nil
        }
    }
}
