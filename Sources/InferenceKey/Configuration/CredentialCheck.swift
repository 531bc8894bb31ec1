/// Refuses the wrong kind of credential before any request is made. The server judges everything else about it.
package enum CredentialCheck {
    /// A control token is needed. Throws ``InferenceKeyError/Kind/permissionDenied`` for a credential of another plane.
    package static func control(_ token: String, acceptsOperatorKey: Bool = false) throws(InferenceKeyError) {
        if token.hasPrefix(CredentialKind.control.prefix) { return }
        if acceptsOperatorKey, token.hasPrefix(CredentialKind.operatorKey.prefix) { return }
        if token.hasPrefix(CredentialKind.data.prefix) {
            throw wrongType("\(Redaction.redact(token)) is a data key; provisioning needs a control token (ik_sdk_)")
        }
        throw .configuration("\(Redaction.redact(token)) is not a control token; pass one that starts with ik_sdk_")
    }

    /// A data key is needed. Throws ``InferenceKeyError/Kind/permissionDenied`` for a credential of another plane.
    package static func data(_ key: String) throws(InferenceKeyError) {
        if key.hasPrefix(CredentialKind.data.prefix) { return }
        for kind in [CredentialKind.control, .operatorKey] where key.hasPrefix(kind.prefix) {
            throw wrongType("\(Redaction.redact(key)) cannot call inference; pass a data key (ik_live_)")
        }
        throw .configuration("\(Redaction.redact(key)) is not a data key; pass one that starts with ik_live_")
    }

    private static func wrongType(_ detail: String) -> InferenceKeyError {
        InferenceKeyError(
            kind: .permissionDenied, message: "permission denied [wrong_credential_type]: \(detail)",
            code: ErrorCode.wrongCredentialType.rawValue)
    }
}
