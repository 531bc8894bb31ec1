import Files
import Fleet
import Glibc
import InferenceKeyWire
import Testing
import Worker

@Suite("An exact vLLM version is installed when it is not there", .timeLimit(.minutes(5)))
struct InstallTests {
    private let harness = AgentHarness()
    private var manager: ManagerDouble { harness.manager }
    private var starts: String { harness.folder.path + "/starts" }

    /// A `python3` that makes environments of the stand-in engine; version 9.9.9 is in no index.
    private func makePython() {
        let standIn = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/stand-in/bin/vllm"
        _ = harness.folder.program(
            "python3",
            """
            echo "$*" >> \(starts)
            echo "$PIP_INDEX_URL" >> \(starts).index
            case "$2" in
            venv) mkdir -p "$3/bin"; cp "$0" "$3/bin/python" ;;
            pip)
                case "$*" in *9.9.9*) echo "ERROR: No matching distribution found for vllm==9.9.9"; exit 1 ;; esac
                echo "Collecting vllm"; sleep 0.5
                printf '#!/bin/sh\\nexec \(standIn) "$@"\\n' > "${0%/*}/vllm"; chmod +x "${0%/*}/vllm" ;;
            esac
            """)
    }

    private func replica(_ id: ReplicaID, version: String) -> ReplicaAssignment {
        ReplicaAssignment(
            replicaID: id, workloadSlug: "w", revision: 1, backend: .vllm, taskType: .text2text, modelName: "m",
            servedNames: ["m", "w"], config: ["vllm_version": .string(version)], deviceIDs: [], engineKey: "k",
            isDraining: false)
    }

    private func withAgent(index: String? = nil, _ body: () async throws -> Void) async throws {
        makePython()
        try await harness.withAgent(
            {
                $0.engineSearchPath = [self.harness.folder.path]
                $0.vllmPackage.index = index
            }, body)
    }

    @Test("an index with a password is in no command line and in no log")
    func index() async throws {
        let id = harness.newID()
        let index = "https://user:very-secret-word@pypi.example.org/simple"
        try await withAgent(index: index) {
            manager.assign([replica(id, version: "1.2.3")])
            _ = try await harness.until(id, .ready)
            #expect(FileContent.text(starts + ".index")?.split(separator: "\n").last.map(String.init) == index)
            #expect(FileContent.text(starts)?.contains("secret") == false)
            let log = ReplicaFolder(id, in: harness.dataFolder + "/replicas").logPath
            #expect(FileContent.text(log)?.contains("Collecting vllm") ?? false)
            #expect(FileContent.text(log)?.contains("secret") == false)
            manager.assign([])
            _ = try await harness.until(id, .stopped)
        }
    }

    @Test("once, for all replicas that want it, with the step told")
    func once() async throws {
        let ids = [harness.newID(), harness.newID()]
        try await withAgent {
            manager.assign(ids.map { replica($0, version: "1.2.3") })
            for id in ids { _ = try await harness.until(id, .ready) }
            let steps = manager.seen.observations.flatMap(\.replicas).compactMap(\.progress)
            #expect(steps.contains { $0.step == .installEngine && $0.message == "Collecting vllm" })
            let lines = (FileContent.text(starts) ?? "").split(separator: "\n")
            #expect(lines.count == 2)
            #expect(lines.last?.hasSuffix("vllm==1.2.3") ?? false)
            let unfinished = harness.dataFolder + "/engines/vllm/1.2.3/" + EngineFinder.unfinishedMark
            #expect(FileStatus(unfinished) == nil)
            manager.assign([])
            for id in ids { _ = try await harness.until(id, .stopped) }
        }
    }

    @Test("or the replica says engine_missing and which versions there are, and nothing half-made stays")
    func fails() async throws {
        let id = harness.newID()
        try await withAgent {
            manager.assign([replica(id, version: "9.9.9")])
            let failed = try await harness.until(id, .failed)
            #expect(failed.cause == .engineMissing)
            let words = "No matching distribution found for vllm==9.9.9. vLLM 9.9.9 is not on this worker"
            #expect(failed.reason?.contains(words) ?? false, "\(failed)")
            #expect(!Folder.isFolder(harness.dataFolder + "/engines/vllm/9.9.9"))
            manager.assign([])
            _ = try await harness.until(id, .stopped)
        }
    }

    @Test("what a killed agent left half-made is made again")
    func half() async throws {
        let id = harness.newID()
        let folder = harness.dataFolder + "/engines/vllm/1.2.3"
        try Folder.make(folder + "/bin")
        try PrivateFile.write([], to: folder + "/" + EngineFinder.unfinishedMark)
        try PrivateFile.write([], to: folder + "/bin/rubbish")
        try await withAgent {
            manager.assign([replica(id, version: "1.2.3")])
            _ = try await harness.until(id, .ready)
            #expect(FileStatus(folder + "/bin/rubbish") == nil)
            manager.assign([])
            _ = try await harness.until(id, .stopped)
        }
    }
}
