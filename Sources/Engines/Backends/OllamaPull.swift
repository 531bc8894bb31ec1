package import InferenceKeyWire
import Transport
package import Worker

/// Pulls one model into an Ollama server, with the bytes of all its layers as progress.
struct OllamaPull {
    private let engine: EngineContact

    init(_ engine: EngineContact) { self.engine = engine }

    /// True when the model is there; false when the server went away meanwhile.
    func run(_ report: @Sendable (StepProgress) async -> Void) async throws(Failure) -> Bool {
        await report(StepProgress(step: .downloadModel, message: "pulling \(engine.modelName)"))
        let body: JSONValue = ["model": .string(engine.modelName), "stream": true]
        guard let stream = try? await engine.open("/api/pull", body, idle: .seconds(600)) else { return false }
        defer { stream.cancel() }
        var splitter = LineSplitter(maxLineBytes: 65_536)
        var layers = PullProgress(modelName: engine.modelName)
        while let bytes = try? await stream.next() {
            for case .line(let line) in splitter.read(bytes) {
                if let step = try layers.read(line) { await report(step) }
            }
        }
        if case .line(let line)? = splitter.finish() { _ = try layers.read(line) }
        return layers.isDone
    }
}

/// The lines of a pull: one JSON object each, `{status, digest, total, completed}`; the last says `success`.
package struct PullProgress: Sendable {
    private let modelName: String
    private var layers: [String: (done: Int, total: Int)] = [:]
    package private(set) var isDone = false

    package init(modelName: String) { self.modelName = modelName }

    package mutating func read(_ line: String) throws(Failure) -> StepProgress? {
        guard let json = try? JSONValue(parsing: line) else { return nil }
        if let error = json["error"]?.stringValue {
            let isMissing = error.contains("does not exist") || error.contains("not found")
            throw Failure(
                FailureTexts.cause(of: error) ?? (isMissing ? .modelNotFound : .engineExited),
                "Ollama did not pull \(modelName): \(error)")
        }
        guard let status = json["status"]?.stringValue else { return nil }
        if status == "success" { isDone = true }
        if let digest = json["digest"]?.stringValue, let total = json["total"]?.intValue {
            layers[digest] = (max(0, json["completed"]?.intValue ?? 0), max(0, total))
        }
        guard !layers.isEmpty else { return StepProgress(step: .downloadModel, message: status) }
        return StepProgress(
            step: .downloadModel, message: status, bytesDone: Self.sum(layers.values.map(\.done)),
            bytesTotal: Self.sum(layers.values.map(\.total)))
    }

    /// Whatever the server says, the largest number at the most.
    private static func sum(_ numbers: [Int]) -> Int64 {
        Int64(numbers.reduce(0) { min($0, .max - $1) + $1 })
    }
}
