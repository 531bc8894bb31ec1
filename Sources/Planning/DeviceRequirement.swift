package import Fleet
import InferenceKeyWire

/// What one replica of a workload needs of a worker's devices, as far as its command tells.
package struct DeviceRequirement: Sendable, Hashable {
    /// GPUs of one worker; on a worker without GPUs the engine runs on the CPU and needs none.
    package var count: Int
    /// The share of each GPU's memory it claims, 0…1.
    package var share: Double
    /// The command asks for the CPU.
    package var wantsCPU: Bool
    /// Main memory it is known to claim when it runs on the CPU, bytes.
    package var cpuMemoryBytes: Int64?

    /// What vLLM claims of a GPU's memory when its command does not say.
    static let vllmDefaultShare = 0.9

    package init(of workload: WorkloadRecord) {
        count = 1
        share = 1
        wantsCPU = false
        let command = workload.command.flatMap { try? EngineCommand($0, for: workload.backend) }
        switch workload.backend {
        case .vllm, .vllmOmni:
            share = command?.option("--gpu-memory-utilization").flatMap(Double.init) ?? Self.vllmDefaultShare
            count = Self.product(
                command?.option("--tensor-parallel-size", "-tp"), command?.option("--pipeline-parallel-size", "-pp"),
                command?.option("--data-parallel-size", "-dp"))
            cpuMemoryBytes = Self.cpuMemoryBytes(of: workload)
        case .sglang:
            share = command?.option("--mem-fraction-static").flatMap(Double.init) ?? 1
            count = Self.product(
                command?.option("--tp", "--tp-size", "--tensor-parallel-size"), command?.option("--dp", "--dp-size"),
                command?.option("--pp-size"))
            wantsCPU = command?.option("--device") == "cpu"
        case .llamacpp:
            wantsCPU =
                command?.option("-ngl", "--gpu-layers", "--n-gpu-layers") == "0"
                || command?.option("-dev", "--device") == "none"
        default: break
        }
        share = min(max(share, 0.01), 1)
    }

    private static func product(_ factors: String?...) -> Int {
        factors.reduce(1) { min(1024, $0 * max(1, $1.flatMap { Int($0) } ?? 1)) }
    }

    /// The main memory that one replica is known to claim on a CPU, bytes: what vLLM is told to keep for its cache.
    package static func cpuMemoryBytes(of workload: WorkloadRecord) -> Int64? {
        guard workload.backend == .vllm || workload.backend == .vllmOmni,
            let space = workload.config?["env"]?["VLLM_CPU_KVCACHE_SPACE"]?.stringValue.flatMap(Double.init),
            space > 0, space < 1_048_576
        else { return nil }
        return Int64(space * 1_073_741_824)
    }
}
