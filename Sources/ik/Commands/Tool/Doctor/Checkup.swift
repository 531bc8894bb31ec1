import Console
import Fleet
import InferenceKeyWire
import Transport
import Worker

/// Looks at everything that `ik` needs of a machine.
struct Checkup: Sendable {
    let stage: Stage
    /// Where the platform should answer.
    let address: BaseURL

    func findings() async throws -> [Finding] {
        let configuration = try stage.workerConfiguration(
            manager: address, access: .joined, name: Machine.hostname)
        let inventory = await MachineInventory(configuration: configuration, environment: Process.environment).read()
        return [Finding("ik", .ok, "\(Product.version) on \(inventory.operatingSystem)")] + engines(inventory)
            + devices(inventory) + [memory(inventory), disk(), dataFolder(), operatorKey()] + certificate()
            + (await server())
    }

    private func engines(_ inventory: Inventory) -> [Finding] {
        if inventory.engines.isEmpty {
            return [
                Finding(
                    "engines", .problem, "none was found on PATH or in the engine folders",
                    mend: """
                        install vLLM, SGLang, llama.cpp or Ollama so that its program is on PATH, or give \
                        --engine-folder DIR with DIR/vllm/0.32.0/bin/vllm
                        """)
            ]
        }
        return inventory.engines.map { engine in
            let version = engine.version ?? "of unknown version"
            return Finding("engine \(engine.backend)", .ok, "\(version) at \(engine.path)")
        }
    }

    private func devices(_ inventory: Inventory) -> [Finding] {
        let gpus = inventory.devices.filter { $0.kind != .cpu }
        guard gpus.isEmpty else {
            return gpus.map { gpu in
                let free = gpu.memoryFreeBytes.map { ", \(ByteText.text($0)) free" } ?? ""
                return Finding("GPU", .ok, "\(gpu.name) \(gpu.id), \(ByteText.text(gpu.memoryBytes))\(free)")
            }
        }
        if Machine.has("/dev/nvidiactl") || Machine.has("/dev/kfd") {
            return [
                Finding(
                    "GPU", .problem, "the driver is there, but nvidia-smi or rocm-smi does not list a GPU",
                    mend: "put nvidia-smi (package nvidia-utils) or rocm-smi on PATH, and run it once to see its error")
            ]
        }
        return [Finding("GPU", .note, "none was found; engines run on the CPU")]
    }

    private func memory(_ inventory: Inventory) -> Finding {
        let free = inventory.devices.first { $0.kind == .cpu }?.memoryFreeBytes
        let detail =
            "\(inventory.cpuCount) CPUs, \(ByteText.text(inventory.memoryBytes)) memory"
            + (free.map { ", \(ByteText.text($0)) free" } ?? "")
        guard let free, free < 2_000_000_000 else { return Finding("memory", .ok, detail) }
        return Finding("memory", .note, detail, mend: "close other programs before an engine is started")
    }

    private func disk() -> Finding {
        let folder = stage.installation.folder
        guard let free = folder.freeBytes else {
            return Finding("disk", .note, "the free space under \(folder.path) cannot be read")
        }
        let detail = "\(ByteText.text(free)) free for \(folder.path)"
        let mend = "free some space, or give --data a folder on a larger disk; models are often 5-100 GB"
        switch free {
        case ..<1_000_000_000: return Finding("disk", .problem, detail, mend: mend)
        case ..<20_000_000_000: return Finding("disk", .note, detail, mend: mend)
        default: return Finding("disk", .ok, detail)
        }
    }

    private func dataFolder() -> Finding {
        let path = stage.installation.path
        guard Machine.has(path) else { return Finding("data folder", .ok, "\(path) is made by the first 'ik up'") }
        return Machine.mayWrite(path)
            ? Finding("data folder", .ok, path)
            : Finding(
                "data folder", .problem, "\(path) cannot be written by this user", mend: "chown -R $USER '\(path)'")
    }

    private func operatorKey() -> Finding {
        let file = stage.installation.operatorKey
        do {
            guard try stage.installation.credential(.operatorKey, in: file, fix: "rm '\(file.path)'; ik up") != nil
            else {
                return Finding("operator key", .note, "there is no \(file.path) yet", mend: "ik up")
            }
            return file.isOpenToOthers
                ? Finding(
                    "operator key", .problem, "others may read \(file.path)", mend: "chmod 600 '\(file.path)'")
                : Finding("operator key", .ok, file.path)
        } catch {
            return Finding("operator key", .problem, error.what, mend: error.next.first)
        }
    }
}
