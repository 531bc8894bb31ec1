import InferenceKeyWire
import Testing

@testable import Gateway

@Suite("routes of the data plane")
struct DataRouteTests {
    static let served: [(TaskType, Method, String)] = [
        (.text2text, .post, "v1/chat/completions"), (.text2text, .post, "v1/completions"),
        (.text2text, .post, "v1/responses"), (.text2text, .post, "v1/messages"), (.text2text, .post, "v1/tokenize"),
        (.embedding, .post, "v1/embeddings"), (.text2image, .post, "v1/images/generations"),
        (.image2image, .post, "v1/images/edits"), (.image2image, .post, "v1/images/variations"),
        (.text2audio, .post, "v1/audio/speech"), (.text2audio, .post, "v1/audio/generate"),
        (.text2audio, .get, "v1/audio/voices"), (.audio2text, .post, "v1/audio/transcriptions"),
        (.audio2text, .post, "v1/audio/translations"), (.text2video, .post, "v1/videos"),
        (.image2video, .get, "v1/videos/video_1"), (.text2video, .get, "v1/videos/video_1/content"),
        (.text2video, .delete, "v1/videos/video_1"), (.omni, .post, "v1/chat/completions"),
        (.omni, .post, "v1/audio/speech"), (.omni, .post, "v1/images/generations"), (.reranker, .post, "v1/rerank"),
        (.forecast, .post, "forecast"),
    ]

    @Test("each task type serves its routes", arguments: served)
    func serves(_ task: TaskType, _ method: Method, _ path: String) throws {
        #expect(try choose(method, path, task).method == method)
    }

    @Test("every task type lists its models", arguments: TaskType.allCases)
    func models(_ task: TaskType) throws { _ = try choose(.get, "v1/models", task) }

    @Test("a route of another task type is refused with the names of those that are served", arguments: served)
    func refusesOthers(_ task: TaskType, _ method: Method, _ path: String) {
        for other in TaskType.allCases where !Self.served.contains(where: { $0.0 == other && $0.2 == path }) {
            let isVideo = path.hasPrefix("v1/videos") && (other == .text2video || other == .image2video)
            let isOmni = other == .omni && ["audio", "images"].contains { path.contains($0) }
            guard !isVideo, !isOmni else { continue }
            #expect {
                try choose(method, path, other)
            } throws: { error in
                guard let refusal = error as? Refusal else { return false }
                if [.classification, .reward].contains(other), method == .post {
                    return refusal.error.code == .asyncOnly
                }
                return refusal.error.code == .unsupportedRoute && refusal.error.message.contains("GET /v1/models")
            }
        }
    }

    @Test(
        "control routes of engines are never reachable",
        arguments: [
            "v1/load_lora_adapter", "v1/unload_lora_adapter", "invocations", "pause", "resume", "sleep", "wake_up",
            "metrics", "health", "collective_rpc", "flush_cache", "update_weights_from_disk", "slots", "props",
            "api/pull", "api/delete", "tokenize", "v1/chat/completions/", "v1/chat/completions/x", "v1/videos/a/b",
            "v1/videos/", "v1/videos//content", "v1/videos/a.b", "V1/models", "",
        ])
    func refusesControlRoutes(_ path: String) {
        for task in TaskType.allCases {
            for method in [Method.get, .post, .delete, .put] {
                #expect(throws: Refusal.self) { try choose(method, path, task) }
            }
        }
    }

    @Test("a route called with another method says which one it takes")
    func methods() {
        #expect {
            try choose(.get, "v1/chat/completions", .text2text)
        } throws: { ($0 as? Refusal)?.error.code == .methodNotAllowed && ($0 as? Refusal)?.allow == "POST" }
        #expect {
            try choose(.put, "v1/videos", .text2video)
        } throws: { ($0 as? Refusal)?.allow == "POST, GET" }
    }

    private func choose(_ method: Method, _ path: String, _ task: TaskType) throws -> DataRoute {
        try Array(path.utf8).withUnsafeBytes { try DataRoute.choose(method, $0, task: task, tasks: TaskSet(task)) }
    }
}
