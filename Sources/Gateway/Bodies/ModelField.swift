import InferenceKeyWire

/// Whether the model that a request asks for is the one its endpoint serves.
enum ModelField {
    /// The value that stands for the endpoint's model whatever its name.
    static let anyModel: StaticString = "default"

    /// Throws unless `value` is the endpoint's model name, its slug, `default`, or the name an engine serves it under.
    static func check(
        _ value: UnsafeRawBufferPointer, isEscaped: Bool, endpoint: Endpoint
    ) throws(Refusal) {
        if !isEscaped {
            if serves(value, endpoint) { return }
            guard let text = String(validating: value, as: UTF8.self) else { throw JSONKeyFault.malformed.refusal }
            throw unknown(text, endpoint)
        }
        // `org\/model` is how some clients write `org/model`.
        let quoted = [UInt8(ascii: "\"")] + Array(value) + [UInt8(ascii: "\"")]
        guard let text = (try? JSONValue(parsing: quoted))?.stringValue else { throw JSONKeyFault.malformed.refusal }
        guard Array(text.utf8).withUnsafeBytes({ serves($0, endpoint) }) else { throw unknown(text, endpoint) }
    }

    private static func serves(_ value: UnsafeRawBufferPointer, _ endpoint: Endpoint) -> Bool {
        value.equals(endpoint.modelName) || value.equals(endpoint.workloadSlug) || value.equals(anyModel)
            || endpoint.replicas.contains { value.equals($0.servedName) }
    }

    private static func unknown(_ name: String, _ endpoint: Endpoint) -> Refusal {
        let served = String(decoding: endpoint.modelName, as: UTF8.self)
        let slug = String(decoding: endpoint.workloadSlug, as: UTF8.self)
        let shown = Redaction.scrub(name.count > 100 ? name.prefix(100) + "…" : name)
        return Refusal(
            .modelNotFound, "model \"\(shown)\" is not served here: use \"\(served)\", \"\(slug)\" or \"default\"",
            param: "model")
    }
}
