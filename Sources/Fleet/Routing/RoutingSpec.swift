package import InferenceKeyWire

/// A workload's `config.routing`.
package struct RoutingSpec: Sendable, Hashable {
    package var policy: RoutingPolicy
    /// For ``RoutingPolicy/session``: the header that names a session, in lower case; the body's `user` does where a
    /// request has no such header.
    package var sessionHeader: String?

    package init(policy: RoutingPolicy = .leastInflight, sessionHeader: String? = nil) {
        self.policy = policy
        self.sessionHeader = sessionHeader
    }

    package static let maxHeaderBytes = 64
}

extension RoutingSpec {
    package init(json: JSONValue) throws(FieldErrors) {
        var fields = JSONFields(json)
        let policy = fields.choice("policy", RoutingPolicy.self, required: true) ?? .leastInflight
        let header = fields.string("session_header")?.lowercased()
        if let header {
            if policy != .session {
                fields.reject("session_header", "is for the policy session only")
            } else if !Self.isHeaderName(header) {
                fields.reject(
                    "session_header",
                    "must be a header's name of at most \(Self.maxHeaderBytes) letters, digits and -, such as x-session-id"
                )
            } else if Self.isSecret(header) {
                fields.reject("session_header", "must not be a header that carries a credential")
            }
        }
        self.init(policy: policy, sessionHeader: header)
        try fields.finish()
    }

    package var json: JSONValue {
        var object: JSONObject = ["policy": .string(policy.rawValue)]
        object["session_header"] = sessionHeader.map { .string($0) }
        return .object(object)
    }

    private static func isHeaderName(_ name: String) -> Bool {
        (1...maxHeaderBytes).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || (0x30...0x39).contains(byte)
                    || (0x61...0x7A).contains(byte)
            }
    }

    private static func isSecret(_ name: String) -> Bool {
        ["authorization", "x-api-key", "proxy-authorization", "cookie"].contains(name)
    }
}
