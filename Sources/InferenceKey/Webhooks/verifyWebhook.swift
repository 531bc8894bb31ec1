/// Checks that a delivery comes from who has the secret, and lately, and gives its event.
///
/// Understands `X-InferenceKey-Signature` and the headers of Standard Webhooks. An event may come more than once: its
/// `job_id` tells.
/// - Parameters:
///   - rawBody: the body as it came, before anything parsed it.
///   - headers: of the delivery; the case of names does not matter.
///   - secret: of the destination, as it was shown, `whsec_` included.
///   - tolerance: how far the time of signing may be from now, before or after.
/// - Throws: a validation error whose `code` is `missing_signature`, `invalid_signature`, `timestamp_out_of_tolerance`,
///   `missing_secret` or `invalid_body`.
public func verifyWebhook(
    _ rawBody: [UInt8], headers: [String: String], secret: String, tolerance: Duration = .seconds(300)
) throws(InferenceKeyError) -> JSONValue {
    try verifyWebhook(rawBody, headers: headers, secret: secret, tolerance: tolerance, now: ClientTime.system.date())
}

/// The same at a moment of the caller's choosing.
package func verifyWebhook(
    _ rawBody: [UInt8], headers: [String: String], secret: String, tolerance: Duration, now: Timestamp
) throws(InferenceKeyError) -> JSONValue {
    guard tolerance >= .zero, tolerance <= maxWebhookTolerance else {
        let reason = "must be from 0 to 1,000,000,000 seconds"
        throw .validation("tolerance: \(reason)", fields: ["tolerance": reason])
    }
    let keys = webhookKeys(of: secret)
    guard !keys.isEmpty else {
        throw .webhook("missing_secret", "the secret is blank; pass the one that belongs to the webhook's destination")
    }
    let signature = try WebhookSignature(headers: headers)
    let message = Array(signature.prefix.utf8) + rawBody
    var isSigned = false
    for key in keys {
        let right = MessageAuthentication.code(for: message, key: key)
        for code in signature.codes where MessageAuthentication.isSame(code, right) { isSigned = true }
    }
    guard isSigned else {
        throw .webhook(
            "invalid_signature",
            "the signature is not of this body with this secret; pass the body's bytes as they came, and the secret of "
                + "this destination")
    }
    let distance = Duration.milliseconds(now.milliseconds) - .seconds(signature.time)
    guard distance <= tolerance, .zero - distance <= tolerance else {
        throw .webhook(
            "timestamp_out_of_tolerance",
            "the delivery was signed \(abs(distance.components.seconds)) s \(distance > .zero ? "ago" : "from now"), "
                + "\(tolerance.components.seconds) s are allowed; is the clock of this machine right?")
    }
    do throws(JSONSyntaxError) { return try JSONValue(parsing: rawBody) } catch {
        throw .webhook("invalid_body", "the body is signed and \(error)")
    }
}

/// Longer than anybody waits for a delivery.
private let maxWebhookTolerance = Duration.seconds(1_000_000_000)

/// What may have been taken as the key: the secret's text, and the bytes that it spells in base64.
private func webhookKeys(of secret: String) -> [[UInt8]] {
    guard let secret = Settings.given(secret) else { return [] }
    let prefix = "whsec_"
    let spelled = Base64.decode(secret.hasPrefix(prefix) ? String(secret.dropFirst(prefix.count)) : secret)
    return [Array(secret.utf8), spelled ?? []].filter { !$0.isEmpty && $0 != Array(prefix.utf8) }
}
