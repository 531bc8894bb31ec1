import Files
package import Fleet
import Glibc
import InferenceKeyWire

/// The machine as its own tools show it: `nvidia-smi`, `rocm-smi`, `/proc`, and the engines that can be found.
package struct MachineInventory: DeviceInventory {
    private let finder: EngineFinder
    private let variables: [String: String]
    private let dataFolder: String
    private let agentVersion: String
    private let versions = EngineVersions()

    /// - Parameter environment: the agent's own.
    package init(configuration: WorkerConfiguration, environment: [String: String]) {
        finder = configuration.finder(environment: environment)
        variables = EngineEnvironment.inherited(environment)
        dataFolder = configuration.dataFolder
        agentVersion = configuration.agentVersion
    }

    package func read() async -> Inventory {
        let memory = MachineMemory.read() ?? MachineMemory(totalBytes: 0, freeBytes: 0)
        async let nvidia = output(of: NvidiaDevices.program, NvidiaDevices.arguments)
        async let amd = output(of: AMDDevices.program, AMDDevices.arguments)
        async let engines = engines()
        let cpu = Device(
            id: "cpu", kind: .cpu, name: Self.processorName, memoryBytes: memory.totalBytes,
            memoryFreeBytes: memory.freeBytes)
        let gpus = await NvidiaDevices.parse(nvidia ?? "", sharedBytes: memory.totalBytes) + AMDDevices.parse(amd ?? "")
        return Inventory(
            hostname: Self.hostname, operatingSystem: Self.operatingSystem,
            cpuCount: max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))), memoryBytes: memory.totalBytes,
            diskFreeBytes: diskFreeBytes, devices: gpus + [cpu], engines: await engines, agentVersion: agentVersion)
    }

    private func output(of program: String, _ arguments: [String]) async -> String? {
        let path = finder.searchPath.map { "\($0)/\(program)" }.first(where: FileStatus.isProgram)
        guard let path else { return nil }
        return await ShortCommand(program: path, arguments: arguments, variables: variables).output()
    }

    private func engines() async -> [FoundEngine] {
        var found: [FoundEngine] = []
        for backend in Backend.builtIn {
            var paths: [String] = []
            let folders = finder.searchPath + finder.environments(of: backend).map(\.programs)
            for name in EngineFinder.launcherNames(of: backend) {
                for path in folders.map({ "\($0)/\(name)" }) where FileStatus.isProgram(path) && !paths.contains(path) {
                    paths.append(path)
                }
            }
            for path in paths {
                let version = await versions.version(of: backend, program: path)
                // `vllm` alone is no vLLM-Omni.
                if backend == .vllmOmni, version == nil, !path.hasSuffix("/vllm-omni") { continue }
                found.append(FoundEngine(backend: backend, version: version, path: path))
            }
        }
        return found
    }

    private var diskFreeBytes: Int64? {
        var status = statvfs()
        guard statvfs(dataFolder, &status) == 0 else { return nil }
        // Some file systems answer with the largest number there is.
        let (bytes, isMore) = status.f_bavail.multipliedReportingOverflow(by: status.f_frsize)
        return isMore ? .max : Int64(clamping: bytes)
    }

    private static let hostname = FileContent.text("/proc/sys/kernel/hostname") ?? "localhost"

    private static var operatingSystem: String {
        let line = FileContent.text("/etc/os-release")?.split(separator: "\n").first { $0.hasPrefix("PRETTY_NAME=") }
        return line.map { String($0.dropFirst("PRETTY_NAME=".count).filter { $0 != "\"" }) } ?? "Linux"
    }

    private static var processorName: String {
        let bytes = FileContent.bytes("/proc/cpuinfo", maxBytes: 8192) ?? []
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        let name = lines.first { $0.hasPrefix("model name") }?.split(separator: ":").last
        return name.map { String($0.trimmed) } ?? "CPU"
    }
}
