package import InferenceKeyWire

/// What vLLM's log tells of its start. SGLang shares its loaders.
package enum VllmLines {
    private static let steps: [(opening: String, step: ReadinessStep, message: String)] = [
        ("Initializing a V1 LLM engine", .startEngine, "starting the engine core"),
        ("Using model weights format", .downloadModel, "fetching the weights"),
        ("Time spent downloading weights for", .loadModel, "the weights are here"),
        // The weights may have to be fetched yet: what follows tells.
        ("Starting to load model", .startEngine, "preparing to load the model"),
        ("Loading weights took", .warmUp, "the weights are loaded"),
        ("Dynamo bytecode transform time", .warmUp, "compiling"),
        ("Compiling a graph for", .warmUp, "compiling"),
        ("torch.compile takes", .warmUp, "compiled"),
        ("Memory profiling takes", .warmUp, "measuring memory"),
        ("KV cache size:", .warmUp, "making the KV cache"),
        ("Graph capturing finished", .warmUp, "graphs are captured"),
        ("init engine (profile, create kv cache, warmup model) took", .warmUp, "the engine core is up"),
        ("Starting vLLM server on", .warmUp, "the server comes up"),
    ]

    package static func progress(in line: String) -> StepProgress? {
        if line.hasPrefix("Loading ") || line.hasPrefix("Capturing ") || line.contains("checkpoint shards:") {
            return shards(line) ?? graphs(line)
        }
        guard let found = steps.first(where: { line.contains($0.opening) }) else { return nil }
        return StepProgress(step: found.step, message: found.message)
    }

    /// `Loading safetensors checkpoint shards:  50% Completed | 1/2 [00:01<00:01,  1.02s/it]`
    private static func shards(_ line: String) -> StepProgress? {
        guard line.contains("checkpoint shards:"), let (done, total) = count(in: line) else { return nil }
        return StepProgress(step: .loadModel, message: "loaded \(done) of \(total) parts of the weights")
    }

    /// `Capturing CUDA graphs (mixed prefill-decode, PIECEWISE):  45%|████▍     | 30/67 [00:03<00:03, 10.02it/s]`
    private static func graphs(_ line: String) -> StepProgress? {
        guard line.hasPrefix("Capturing "), let (done, total) = count(in: line) else { return nil }
        return StepProgress(step: .warmUp, message: "captured \(done) of \(total) graphs")
    }

    /// The `1/2` between the bar and the bracket.
    private static func count(in line: String) -> (done: Int, total: Int)? {
        guard let bracket = line.lastIndex(of: "["), let bar = line[..<bracket].lastIndex(of: "|") else { return nil }
        let parts = line[line.index(after: bar)..<bracket].split(separator: "/")
        guard parts.count == 2, let done = Int(parts[0].filter(\.isNumber)),
            let total = Int(parts[1].filter(\.isNumber))
        else { return nil }
        return (done, total)
    }
}
