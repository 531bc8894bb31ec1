import Transport

/// Reads what OpenTelemetry's variables say of a collector (`OTEL_EXPORTER_OTLP_ENDPOINT` and those beside it).
package enum OTLPVariables {
    /// The collector at `endpoint`: spans go to `/v1/traces` below it, or to itself where it ends so.
    package static func collector(at endpoint: String) -> OTLPCollector? {
        endpoint.hasSuffix(OTLPVariables.tracesPath)
            ? collector(exactly: endpoint) : BaseURL(endpoint).map(OTLPCollector.init)
    }

    /// The collector whose address for spans is `endpoint`, as it stands.
    package static func collector(exactly endpoint: String) -> OTLPCollector? {
        guard let whole = BaseURL(endpoint) else { return nil }
        guard let slash = whole.path.lastIndex(of: "/") else {
            var collector = OTLPCollector(base: whole)
            collector.path = "/"
            return collector
        }
        let last = String(whole.path[slash...])
        guard let base = BaseURL(String(whole.text.dropLast(last.count))) else { return nil }
        var collector = OTLPCollector(base: base)
        collector.path = last
        return collector
    }

    private static let tracesPath = "/v1/traces"

    /// The pairs of `key=value,key=value`, values percent-encoded; nil where that is not what `text` is.
    package static func pairs(_ text: String) -> [(key: String, value: String)]? {
        var pairs: [(key: String, value: String)] = []
        for item in text.split(separator: ",", omittingEmptySubsequences: true) {
            let item = trimmed(item)
            guard !item.isEmpty else { continue }
            guard let equals = item.firstIndex(of: "="),
                let value = decoded(trimmed(item[item.index(after: equals)...]))
            else { return nil }
            let key = trimmed(item[..<equals])
            guard !key.isEmpty else { return nil }
            pairs.append((String(key), value))
        }
        return pairs
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }

    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
