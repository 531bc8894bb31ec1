import InferenceKeyWire

/// One route of the data plane: the allow-list. What stands here is forwarded, and nothing else.
struct DataRoute: Sendable {
    enum Tail: Sendable, Hashable {
        /// The path ends here.
        case none
        /// One more segment, an id the engine gave.
        case id
        /// An id and `/content`.
        case idContent
    }

    enum Tokens: Sendable, Hashable {
        case none
        /// Those that were read.
        case prompt
        /// Those that were written too.
        case text
    }

    var method: Method
    /// Below the workload's slash.
    var path: StaticString
    var tail: Tail
    var tasks: TaskSet
    /// Whether its body may be a form with files.
    var takesForm: Bool
    /// Which tokens an answer tells.
    var tokens: Tokens
    /// The engine's path where it differs from ours.
    var enginePath: StaticString?

    private init(
        _ method: Method, _ path: StaticString, _ tasks: TaskSet, tail: Tail = .none,
        at enginePath: StaticString? = nil,
        takesForm: Bool = false, tokens: Tokens = .none
    ) {
        self.method = method
        self.path = path
        self.tail = tail
        self.tasks = tasks
        self.enginePath = enginePath
        self.takesForm = takesForm
        self.tokens = tokens
    }

    private static let text = TaskSet([.text2text])
    private static let chat = TaskSet([.text2text, .omni])
    private static let imagesMade = TaskSet([.text2image, .omni])
    private static let imagesEdited = TaskSet([.image2image, .omni])
    private static let speech = TaskSet([.text2audio, .omni])
    private static let listening = TaskSet([.audio2text, .omni])
    private static let video = TaskSet([.text2video, .image2video])

    static let all: [DataRoute] = [
        DataRoute(.post, "v1/chat/completions", chat, tokens: .text),
        DataRoute(.post, "v1/embeddings", TaskSet([.embedding]), tokens: .prompt),
        DataRoute(.post, "v1/completions", text, tokens: .text),
        DataRoute(.post, "v1/responses", text, tokens: .text),
        DataRoute(.post, "v1/messages", text, tokens: .text),
        // Engines serve it beside /v1, not below.
        DataRoute(.post, "v1/tokenize", text, at: "/tokenize"),
        DataRoute(.get, "v1/models", .all),
        DataRoute(.post, "v1/rerank", TaskSet([.reranker]), tokens: .prompt),
        DataRoute(.post, "v1/images/generations", imagesMade),
        DataRoute(.post, "v1/images/edits", imagesEdited, takesForm: true),
        DataRoute(.post, "v1/images/variations", imagesEdited, takesForm: true),
        DataRoute(.post, "v1/audio/speech", speech),
        DataRoute(.post, "v1/audio/generate", speech),
        DataRoute(.get, "v1/audio/voices", speech),
        DataRoute(.post, "v1/audio/transcriptions", listening, takesForm: true),
        DataRoute(.post, "v1/audio/translations", listening, takesForm: true),
        DataRoute(.post, "v1/videos", video, takesForm: true),
        DataRoute(.get, "v1/videos", video),
        DataRoute(.get, "v1/videos", video, tail: .id),
        DataRoute(.delete, "v1/videos", video, tail: .id),
        DataRoute(.get, "v1/videos", video, tail: .idContent),
        DataRoute(.post, "forecast", TaskSet([.forecast])),
    ]

    /// The task types whose work is only taken as jobs.
    static let asyncOnly = TaskSet([.classification, .reward])
}

extension DataRoute {
    /// Whether `rest` is this route's path, whatever the method.
    func matches(_ rest: UnsafeRawBufferPointer) -> Bool {
        switch tail {
        case .none: return rest.equals(path)
        case .id: return Self.isID(rest, after: path, end: rest.count)
        case .idContent:
            let end = rest.count - 8
            return end > 0 && rest.matches("/content", at: end) && Self.isID(rest, after: path, end: end)
        }
    }

    /// As a person writes it.
    var name: String {
        let suffix =
            switch tail {
            case .none: ""
            case .id: "/ID"
            case .idContent: "/ID/content"
            }
        return "\(method.text) /\(path)\(suffix)"
    }

    private static func isID(_ rest: UnsafeRawBufferPointer, after path: StaticString, end: Int) -> Bool {
        let start = path.utf8CodeUnitCount + 1
        guard start < end, end - start <= 128, rest.matches(path, at: 0), rest[start - 1] == UInt8(ascii: "/") else {
            return false
        }
        return rest[start..<end].allSatisfy { ByteClass.isName($0) }
    }
}
