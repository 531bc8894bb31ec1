package import Fleet
import InferenceKeyWire

/// What one replica of a workload needs of a worker, as far as its command tells.
package struct DeviceRequirement: Sendable, Hashable {
    /// GPUs of one worker; on a worker without GPUs the engine runs on the CPU and needs none.
    package var count: Int
    /// The share of each GPU's memory it claims, 0…1.
    package var share: Double
    /// The command asks for the CPU.
    package var wantsCPU: Bool
    /// Main memory it is known to claim when it runs on the CPU, bytes.
    package var cpuMemoryBytes: Int64?
    /// The port that the command names, which one engine of a worker can have.
    package var port: Int?

    /// What vLLM claims of a GPU's memory when its command does not say.
    static let vllmDefaultShare = 0.9
    /// More GPUs than any worker has.
    static let maxCount = 1024

    package init(of workload: WorkloadRecord) {
        count = 1
        share = 1
        wantsCPU = false
        cpuMemoryBytes = EngineSpec(of: workload).cpuMemoryBytes
        guard let command = workload.command.flatMap({ try? EngineCommand($0, for: workload.backend) }) else {
            if workload.backend == .vllm || workload.backend == .vllmOmni { share = Self.vllmDefaultShare }
            return
        }
        port = command.port
        switch workload.backend {
        case .vllm, .vllmOmni:
            share = Self.share(command.option("--gpu-memory-utilization")) ?? Self.vllmDefaultShare
            count = Self.product(
                command.option("--tensor-parallel-size", "-tp"), command.option("--pipeline-parallel-size", "-pp"),
                command.option("--data-parallel-size", "-dp"))
        case .sglang:
            share = Self.share(command.option("--mem-fraction-static")) ?? 1
            // With attention in parallel over data, the ranks of that share the GPUs of the tensor's.
            let shares = command.has("--enable-dp-attention")
            count = Self.product(
                command.option("--tp", "--tp-size", "--tensor-parallel-size"),
                shares ? nil : command.option("--dp", "--dp-size", "--data-parallel-size"),
                command.option("--pp-size", "--pipeline-parallel-size"))
            wantsCPU = command.option("--device") == "cpu"
        case .llamacpp:
            wantsCPU =
                command.option("-ngl", "--gpu-layers", "--n-gpu-layers") == "0"
                || command.option("-dev", "--device") == "none"
        default: break
        }
    }

    private static func share(_ text: String?) -> Double? {
        guard let share = text.flatMap(Double.init), share.isFinite else { return nil }
        return min(max(share, 0.01), 1)
    }

    private static func product(_ factors: String?...) -> Int {
        factors.reduce(1) { product, text in
            let factor = min(max(text.flatMap { Int($0) } ?? 1, 1), maxCount)
            return min(product * factor, maxCount)
        }
    }
}

extension EngineSpec {
    /// The main memory that it is known to claim on a CPU, bytes: what vLLM is told to keep for its cache.
    var cpuMemoryBytes: Int64? {
        guard backend == .vllm || backend == .vllmOmni,
            let space = config["env"]?["VLLM_CPU_KVCACHE_SPACE"]?.stringValue.flatMap(Double.init),
            space > 0, space < 1_048_576
        else { return nil }
        return Int64(space * 1_073_741_824)
    }
}
