/// What a workload may set of its engine's environment, by name (`config.env`).
package enum WorkloadVariable {
    /// A longer name is refused, bytes.
    package static let maxNameBytes = 256

    /// Why a workload may not set a variable of this name, to be read after the name; nil when it may.
    package static func refusal(of name: String) -> String? {
        if !isName(name) { return "is no name of an environment variable (A-Z, a-z, 0-9 and _)" }
        if isOurs(name) { return "may not be set by a workload: the platform sets it; leave it out" }
        if loadsCode(name) { return "may not be set by a workload: it decides what code runs; leave it out" }
        return nil
    }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first), name.utf8.count <= maxNameBytes else {
            return false
        }
        return name.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "_") || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte)
        }
    }

    /// Names that decide which replica, device and key an engine has, and how it is called.
    private static func isOurs(_ name: String) -> Bool {
        let names: Set<String> = [
            "CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "OLLAMA_HOST", "LLAMA_ARG_HOST",
            "LLAMA_ARG_PORT", "LLAMA_ARG_API_KEY", "VLLM_API_KEY", "LLAMA_API_KEY", "SPT_NOENV", "HOME",
        ]
        return names.contains(name) || name.hasPrefix("INFERENCEKEY_")
    }

    /// Names by which a loader, Python or a shell takes in code: a control token is not a way to run anything at all.
    private static func loadsCode(_ name: String) -> Bool {
        let names: Set<String> = [
            "PATH", "BASH_ENV", "ENV", "IFS", "SHELL", "GLIBC_TUNABLES", "NODE_OPTIONS", "PERL5OPT",
        ]
        return names.contains(name) || ["LD_", "DYLD_", "PYTHON", "GCONV_"].contains { name.hasPrefix($0) }
    }
}
