import Files
import Glibc
import Worker

/// A folder with an empty program for every launcher in its `bin`; removed with the test.
final class EngineFolder: Sendable {
    let path: String

    init() {
        path = "/tmp/inferencekey-tests-" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
        for name in ["vllm", "vllm-omni", "sglang", "llama-server", "ollama"] { add("bin/\(name)") }
    }

    deinit { Folder.remove(path) }

    /// A file that can be run, of that size.
    func add(_ name: String, bytes: Int = 1) {
        let file = path + "/" + name
        try? Folder.make(Folder.parent(of: file) ?? path)
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o700)
        ftruncate(descriptor, off_t(bytes))
        close(descriptor)
    }
}
