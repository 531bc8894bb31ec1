/// One option of the platform's roles: `--no-worker`, `IK_NO_WORKER` and the key `no_worker` of a `--config` file.
package enum Setting: String, Sendable, Hashable, CaseIterable {
    case data
    case listen
    case tlsCertificate = "tls_certificate"
    case tlsKey = "tls_key"
    case noWorker = "no_worker"
    case stopEngines = "stop_engines"
    case manager
    case join
    case credentialFile = "credential_file"
    case name
    case enginePath = "engine_path"
    case engineFolder = "engine_folder"
    case engineVariable = "engine_variable"
    case absoluteLaunchers = "absolute_launchers"
    case vllmPackage = "vllm_package"
    case vllmIndex = "vllm_index"
    case drainSeconds = "drain_seconds"
    case logLevel = "log_level"
    case logFormat = "log_format"
    case accessLog = "access_log"
    case slowRequestMs = "slow_request_ms"
    case otlpEndpoint = "otlp_endpoint"
    case traceRatio = "trace_ratio"

    package var key: String { rawValue }
    package var variable: String { "IK_" + rawValue.uppercased() }
    package var flag: String { "--" + rawValue.replacing("_", with: "-") }

    /// Whether its value must not be reported anywhere.
    var isSecret: Bool { self == .join || self == .vllmIndex }
    /// Whether it is a list: in the environment with commas between.
    var isList: Bool { [.enginePath, .engineFolder, .engineVariable].contains(self) }
}

extension String {
    fileprivate func replacing(_ old: Character, with new: Character) -> String {
        String(map { $0 == old ? new : $0 })
    }
}
