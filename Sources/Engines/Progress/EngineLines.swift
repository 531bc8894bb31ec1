package import InferenceKeyWire

/// What llama-server's log tells of its start.
package enum LlamaLines {
    package static func progress(in line: String) -> StepProgress? {
        if line.contains("llama_server: model loaded") || line.contains("main: model loaded") {
            return StepProgress(step: .warmUp, message: "the model is loaded")
        }
        if line.contains("warming up the model") { return StepProgress(step: .warmUp, message: "warming up") }
        if line.contains("load_model: loading model") {
            return StepProgress(step: .loadModel, message: "loading the model")
        }
        if line.contains("trying to download model from") || line.contains("downloading from") {
            return StepProgress(step: .downloadModel, message: "fetching the model")
        }
        return nil
    }
}

/// What SGLang's log tells of its start.
package enum SGLangLines {
    package static func progress(in line: String) -> StepProgress? {
        if line.contains("Load weight begin") {
            // The weights may have to be fetched yet.
            return StepProgress(step: .startEngine, message: "preparing to load the model")
        }
        if line.contains("Load weight end") { return StepProgress(step: .warmUp, message: "the weights are loaded") }
        if line.contains("Capture cuda graph begin") {
            return StepProgress(step: .warmUp, message: "capturing graphs")
        }
        return nil
    }
}

/// What pip's output tells of an installation.
package enum PipLines {
    package static func progress(in line: String) -> StepProgress? {
        for opening in ["Collecting ", "Installing collected packages: "] where line.hasPrefix(opening) {
            return StepProgress(step: .installEngine, message: String(line.prefix(100)))
        }
        guard line.drop(while: { $0 == " " }).hasPrefix("Downloading "),
            line.contains(".whl") || line.contains(".tar.gz")
        else { return nil }
        let words = line.split(separator: " ").dropFirst().joined(separator: " ")
        return StepProgress(step: .installEngine, message: "downloading \(words)")
    }
}
