// How telemetry names routes.
extension DataRoute {
    /// Below the endpoint, with `ID` in place of ids: there are as many as there are routes.
    var template: String { "/\(path)\(tailText)" }

    /// What stands behind the path in ``template``.
    var tailText: StaticString {
        switch tail {
        case .none: ""
        case .id: "/ID"
        case .idContent: "/ID/content"
        }
    }

    /// The `gen_ai.operation.name` of OpenTelemetry's conventions, or a word of our own where they have none; nil where
    /// no model is asked.
    var operation: StaticString? {
        switch "\(path)" {
        case "v1/chat/completions", "v1/responses", "v1/messages": "chat"
        case "v1/completions": "text_completion"
        case "v1/embeddings": "embeddings"
        case "v1/rerank": "rerank"
        case "v1/audio/transcriptions", "v1/audio/translations": "transcription"
        case "forecast": "forecast"
        case "v1/models", "v1/tokenize", "v1/audio/voices": nil
        default: method == .post ? "generate_content" : nil
        }
    }
}
