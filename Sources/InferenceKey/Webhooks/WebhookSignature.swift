import InferenceKeyWire

/// What the headers of a delivery say about who signed it: the platform's own form, else that of Standard Webhooks.
///
/// ```
/// X-InferenceKey-Signature: t=1764000000,v1=<hex>         of "<t>.<body>"
/// webhook-id, webhook-timestamp, webhook-signature: v1,<base64>   of "<id>.<timestamp>.<body>"
/// ```
struct WebhookSignature {
    static let ownHeader = "x-inferencekey-signature"

    /// When it was signed, in seconds since 1970.
    var time: Int64
    /// Goes before the body in what is signed.
    var prefix: String
    /// Any one of them must be right: while a secret is replaced there are two.
    var codes: [[UInt8]]

    init(headers: [String: String]) throws(InferenceKeyError) {
        var byName: [String: String] = [:]
        for (name, value) in headers { byName[name.lowercased()] = value }
        if let own = byName[Self.ownHeader] {
            try self.init(own: own)
            return
        }
        guard let id = byName["webhook-id"], let time = byName["webhook-timestamp"],
            let codes = byName["webhook-signature"]
        else {
            throw .webhook(
                "missing_signature",
                "the delivery has no X-InferenceKey-Signature, nor webhook-id, webhook-timestamp and webhook-signature; "
                    + "pass the headers as they came")
        }
        try self.init(id: id, time: time, codes: codes)
    }

    private init(own header: String) throws(InferenceKeyError) {
        var times: [String] = []
        codes = []
        for part in header.split(separator: ",") {
            let pair = part.split(separator: "=", maxSplits: 1).map { Settings.given(String($0)) ?? "" }
            guard pair.count == 2 else { continue }
            if pair[0] == "t" { times.append(pair[1]) }
            if pair[0] == "v1", let code = Hex.decode(pair[1]) { codes.append(code) }
        }
        guard times.count == 1, let time = Self.seconds(times[0]), !codes.isEmpty else {
            throw .webhook("invalid_signature", "X-InferenceKey-Signature does not read t=<seconds>,v1=<hex>")
        }
        self.time = time
        prefix = "\(times[0])."
    }

    private init(id: String, time text: String, codes list: String) throws(InferenceKeyError) {
        codes = list.split(separator: " ").compactMap { code in
            code.hasPrefix("v1,") ? Base64.decode(String(code.dropFirst(3))) : nil
        }
        guard let time = Self.seconds(text), !codes.isEmpty else {
            throw .webhook(
                "invalid_signature",
                "webhook-timestamp is not in seconds, or webhook-signature does not read v1,<base64>")
        }
        self.time = time
        prefix = "\(id).\(text)."
    }

    /// Digits alone: what is signed is the text, which must have one reading.
    private static func seconds(_ text: String) -> Int64? {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } && text.utf8.count <= 12 ? Int64(text) : nil
    }
}

extension InferenceKeyError {
    static func webhook(_ code: String, _ message: String) -> InferenceKeyError {
        InferenceKeyError(kind: .validation, message: "validation error: \(message)", code: code)
    }
}
