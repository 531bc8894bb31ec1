package import InferenceKeyWire
package import Worker

/// Recognises why an engine ended by what it wrote last.
package enum FailureTexts {
    /// In the order in which they count: a lack of memory shows in many ways, and some of them look like a bad command.
    private static let texts: [(cause: FailureCause, needles: [String])] = [
        (.storageFull, ["No space left on device", "Disk quota exceeded"]),
        (
            .outOfGPUMemory,
            [
                "CUDA out of memory", "HIP out of memory", "torch.OutOfMemoryError", "cudaMalloc failed: out of memory",
                "hipMalloc failed: out of memory", "CUDA error: out of memory", "hipErrorOutOfMemory",
                "No available memory for the cache blocks", "is less than desired GPU memory utilization",
                "larger than the available KV cache memory",
                "larger than the maximum number of tokens that can be stored",
                "Not enough memory. Please try to increase --mem-fraction-static", "unable to allocate CUDA",
                "unable to allocate ROCm",
            ]
        ),
        (
            .noCapacity,
            [
                "on kv cache allocation is less than requested memory for kv",
                "DefaultCPUAllocator: can't allocate memory",
                "DefaultCPUAllocator: not enough memory", "Cannot allocate memory", "unable to allocate CPU buffer",
                "std::bad_alloc",
            ]
        ),
        (
            .portInUse,
            ["Address already in use", "address already in use", "couldn't bind HTTP server socket"]
        ),
        (
            .modelNotFound,
            [
                "is not a local folder and is not a valid model identifier", "Repository Not Found for url",
                "RepositoryNotFoundError", "Revision Not Found for url", "Entry Not Found for url",
                "Invalid repository ID or local directory specified", "Repo id must be in the form",
                "couldn't find them in the cached files", "Cannot find an appropriate cached snapshot folder",
                "failed to open GGUF file", "failed to resolve commit for",
                "does not appear to have a file named config.json",
                "Cannot access gated repo", "You are trying to access a gated repo",
            ]
        ),
        (
            .engineMissing,
            ["No module named 'vllm", "No module named 'sglang", "No module named vllm", "No module named sglang"]
        ),
        (
            .badCommand,
            [
                "error: unrecognized arguments", "error: argument ", "error: the following arguments are required",
                "error: invalid argument", "error while handling argument", "Value error, ",
            ]
        ),
    ]

    /// What one text says, if it says one of the above.
    package static func cause(of text: String) -> FailureCause? {
        texts.first { $0.needles.contains(where: text.contains) }?.cause
    }

    /// What the last lines of a log say, oldest first.
    package static func verdict(on log: [String]) -> LogVerdict {
        let log = log.suffix(200)
        for (cause, needles) in texts {
            if let line = log.last(where: { line in needles.contains(where: line.contains) }) {
                return LogVerdict(cause: cause, line: LogLineText.plain(line))
            }
        }
        return LogVerdict(line: LogLineText.telling(Array(log)))
    }
}
