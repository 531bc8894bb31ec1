package import Worker

/// The adapters of every built-in backend.
package enum BuiltInEngines {
    package static let all: [any EngineAdapter] = [
        VllmEngine(), VllmOmniEngine(), SGLangEngine(), OllamaEngine(), LlamaCppEngine(),
    ]
}
