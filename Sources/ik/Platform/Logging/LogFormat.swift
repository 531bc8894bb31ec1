import InferenceKeyWire
import Logging

/// How log lines look on stderr.
enum LogFormat: String, CaseIterable, Sendable {
    /// `2026-11-24T08:00:00.000Z info manager: listening  port=8080`
    case plain
    /// One JSON object per line: `ts`, `level`, `component`, `msg`, then the metadata.
    case json

    /// One line, with every secret in it scrubbed.
    func line(_ event: LogEvent, component: String, metadata: Logger.Metadata, at now: Timestamp) -> String {
        let error = event.error.map { "\($0)" }
        switch self {
        case .plain:
            var text = "\(now) \(event.level) \(component): \(event.message)"
            for (key, value) in metadata.sorted(by: { $0.key < $1.key }) { text += "  \(key)=\(value)" }
            if let error { text += "  error=\(error)" }
            return Redaction.scrub(Self.onOneLine(text))
        case .json:
            var object: JSONObject = [
                "ts": .string(now.description), "level": .string(event.level.rawValue),
                "component": .string(component), "msg": .string(Redaction.scrub("\(event.message)")),
            ]
            for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
                object[key] = .string(Redaction.scrub("\(value)"))
            }
            if let error { object["error"] = .string(Redaction.scrub(error)) }
            return JSONValue.object(object).text
        }
    }

    private static func onOneLine(_ text: String) -> String {
        String(text.map { $0.isNewline ? " " : $0 })
    }
}
