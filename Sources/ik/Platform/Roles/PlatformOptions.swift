import ArgumentParser
import Console

/// Options that every role of the platform has.
struct PlatformOptions: ParsableArguments {
    @Option(help: "A YAML file with any of these options, in snake_case (IK_CONFIG).")
    var config: String?

    @Option(help: "Data folder (IK_DATA; else $XDG_DATA_HOME/inferencekey or ~/.local/share/inferencekey).")
    var data: String?

    @Option(help: "trace, debug, info, notice, warning or error (IK_LOG_LEVEL; info without it).")
    var logLevel: String?

    @Option(help: "plain or json (IK_LOG_FORMAT; plain without it).")
    var logFormat: String?

    var typed: [Setting: [String]] { [.data: data.list, .logLevel: logLevel.list, .logFormat: logFormat.list] }
}

/// Options of a role that serves clients.
struct TLSOptions: ParsableArguments {
    @Option(
        name: .customLong("tls-certificate"),
        help: "Serve https with the certificate chain in this PEM file (IK_TLS_CERTIFICATE). Read anew when it changes."
    )
    var tlsCertificate: String?

    @Option(name: .customLong("tls-key"), help: "The certificate's private key, a PEM file (IK_TLS_KEY).")
    var tlsKey: String?

    var typed: [Setting: [String]] { [.tlsCertificate: tlsCertificate.list, .tlsKey: tlsKey.list] }
}

/// Options of a role that runs engines.
struct EngineOptions: ParsableArguments {
    @Option(help: "A folder with engine programs, before those of PATH; may be repeated (IK_ENGINE_PATH).")
    var enginePath: [String] = []

    @Option(
        help: """
            A folder with engine environments such as vllm/0.32.0/bin/vllm; may be repeated (IK_ENGINE_FOLDER; \
            $XDG_CACHE_HOME/inferencekey/engines without it).
            """)
    var engineFolder: [String] = []

    @Option(help: "NAME=VALUE for every engine's environment; may be repeated (IK_ENGINE_VARIABLE).")
    var engineVariable: [String] = []

    @Flag(help: "A workload's command may name its launcher by an absolute path (IK_ABSOLUTE_LAUNCHERS).")
    var absoluteLaunchers = false

    @Option(help: "The Python package for vllm_version (IK_VLLM_PACKAGE; vllm without it).")
    var vllmPackage: String?

    @Option(help: "The package index for vllm_version (IK_VLLM_INDEX: a password in it is not seen in 'ps').")
    var vllmIndex: String?

    @Flag(help: "Stop the engines with this process; without it they run on and are taken over (IK_STOP_ENGINES).")
    var stopEngines = false

    var typed: [Setting: [String]] {
        [
            .enginePath: enginePath, .engineFolder: engineFolder, .engineVariable: engineVariable,
            .absoluteLaunchers: absoluteLaunchers.list, .vllmPackage: vllmPackage.list, .vllmIndex: vllmIndex.list,
            .stopEngines: stopEngines.list,
        ]
    }
}

extension Optional<String> {
    /// The value as the only element, or nothing.
    var list: [String] { map { [$0] } ?? [] }
}

extension Bool {
    /// What a flag that was given stands for; nothing when it was not.
    var list: [String] { self ? ["true"] : [] }
}
