import Console
import InferenceKeyWire
import Testing

@Suite("Workload files")
struct WorkloadFileTests {
    private static let two = """
        # Two workloads.
        workloads:
          - name: Support bot
            slug: support-bot
            model: meta-llama/Llama-3.1-8B-Instruct
            backend: vllm
            command: >-
              vllm serve meta-llama/Llama-3.1-8B-Instruct
              --max-model-len 8192
            execution_policy_config: {replicas: 2}
          - name: embedder
            model: all-MiniLM-L6-v2
            backend: vllm
            task_type: embedding
        """

    @Test("a list of workloads becomes specs with their slugs")
    func list() throws {
        let found = try WorkloadFile.read(Self.two, file: "models.yaml")
        #expect(found.map(\.spec.slug) == ["support-bot", "embedder"])
        #expect(found[0].spec.command == "vllm serve meta-llama/Llama-3.1-8B-Instruct --max-model-len 8192")
        #expect(found[0].spec.executionPolicyConfig == ["replicas": 2])
        #expect(found[1].spec.taskType == .embedding)
        #expect(found.map(\.location) == ["models.yaml:3", "models.yaml:11"])
    }

    @Test("each document may be one spec")
    func documents() throws {
        let text = """
            ---
            {name: a, model: m, backend: vllm}
            ---
            name: b
            model: m
            backend: sglang
            ...
            """
        #expect(try WorkloadFile.read(text, file: "f").map(\.spec.slug) == ["a", "b"])
    }

    @Test("every mistake is told with its line and the nearest key")
    func mistakes() {
        let text = """
            workloads:
              - name: a
                modle: m
                backend: vllm
              - slug: b
                model: m
                backend: 7
                task_type: chat
            """
        #expect(
            throws: FileProblems([
                "models.yaml:2: model: is required",
                "models.yaml:3: modle: unknown field; did you mean \"model\"?",
                "models.yaml:7: backend: must be a string, not a number; write \"7\" in quotes",
                "models.yaml:8: task_type: must be one of text2text, embedding, text2image, text2video, text2audio, "
                    + "image2image, image2video, audio2text, omni, reranker, classification, reward, forecast, "
                    + "not a string",
            ])
        ) { try WorkloadFile.read(text, file: "models.yaml") }
    }

    @Test(
        "a file that declares nothing, or not in this form, says so",
        arguments: [
            ("", "f: declares no workload"),
            ("# only words\n", "f: declares no workload"),
            ("- name: a", "f:1: must be a workload or a list under \"workloads:\", not an array"),
            ("worklods: []", "f:1: unknown key \"worklods\"; did you mean \"workloads\"?"),
            (
                "workloads: []\nproject: p",
                "f:2: unknown key \"project\": a document with \"workloads\" holds nothing else"
            ),
            ("workloads: 3", "f:1: workloads: must be a list, not a number"),
            ("name: a\nname: b", "f:1: the key \"name\" stands twice"),
            ("name: 'a", "f:1: is not YAML: found unexpected end of stream (column 9)"),
            ("name: .inf", "f:1: .inf has no place in a workload"),
            ("name: *nobody", "f:1: is not YAML: found undefined alias (column 7)"),
            ("a:\n  ? [x]\n  : 1", "f:2: has a key that is not a word"),
        ])
    func otherForms(text: String, expected: String) {
        #expect(throws: FileProblems([expected])) { try WorkloadFile.read(text, file: "f") }
    }

    @Test("quoted scalars stay texts, plain ones follow YAML 1.2")
    func scalars() throws {
        let text = """
            a: "1"
            b: 1
            c: 1.50
            d: yes
            e: 'true'
            f: true
            g: ~
            h: 0x1F
            i: 1.0.3
            j: !!str 12
            k: +5
            l: |
              two
              lines
            m: 2026-11-24
            n: 1e3
            o:
            """
        let value = try #require(try YAMLDocument.read(text, file: "f").first).value
        #expect(
            value == [
                "a": "1", "b": 1, "c": 1.5, "d": "yes", "e": "true", "f": true, "g": nil, "h": 31, "i": "1.0.3",
                "j": "12", "k": 5, "l": "two\nlines\n", "m": "2026-11-24", "n": 1000, "o": nil,
            ])
        #expect(value["c"]?.text == "1.50")
    }

    @Test("anchors and merge keys are followed")
    func anchors() throws {
        let text = """
            workloads:
              - &base {name: a, model: m, backend: vllm, config: {env: {X: "1"}}}
              - <<: *base
                name: b
            """
        let found = try WorkloadFile.read(text, file: "f")
        #expect(found[1].spec.name == "b")
        #expect(found[1].spec.slug == "b")
        #expect(found[1].spec.config == ["env": ["X": "1"]])
    }

    @Test("an alias that multiplies itself is stopped")
    func aliasBomb() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            text += "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]\n"
        }
        let error = #expect(throws: FileProblems.self) { try YAMLDocument.read(text, file: "f") }
        #expect(error?.lines.first?.contains("holds more than 50000 values") == true)
    }

    enum Nesting: String, CaseIterable {
        case brackets = "["
        case dashes = "- "
        case bracketLines = "[\n"
        case mappings = "{a: "
    }

    @Test("nesting without end is stopped before it is parsed", arguments: Nesting.allCases)
    func nesting(of kind: Nesting) {
        let text = String(repeating: kind.rawValue, count: 100_000) + "x"
        let error = #expect(throws: FileProblems.self) { try YAMLDocument.read(text, file: "f") }
        #expect(error?.lines.first?.contains("nested deeper than 64") == true)
    }

    @Test("what the server finds wrong is told at the line it stands on")
    func serverProblems() throws {
        let found = try WorkloadFile.read(Self.two, file: "models.yaml")
        #expect(found[0].problems([:]) == nil)
        let problems = found[0].problems(["config.command": "bad", "execution_policy_config.replicas": "too many"])
        #expect(
            problems?.lines == [
                "models.yaml:7: config.command: bad",
                "models.yaml:10: execution_policy_config.replicas: too many",
            ])
    }

    @Test("a secret anywhere in a workload is refused at its line, and not shown")
    func secrets() {
        let secret = "ik_live_0a1b2c3d_" + String(repeating: "5e", count: 32)
        let text =
            "name: a\nmodel: m\nbackend: vllm\nconfig:\n  env:\n    KEY: x \(secret)\ndescription: see ik_live_ docs"
        #expect(
            throws: FileProblems(["f:6: config.env.KEY: secrets must never go in specs; take it out, and revoke it"])
        ) { try WorkloadFile.read(text, file: "f") }
    }

    @Test("one workload declared twice is refused, naming both places")
    func twice() throws {
        let text = "workloads:\n- {name: a, model: m, backend: vllm}\n- {name: A, model: m, backend: vllm}"
        let found = try WorkloadFile.read(text, file: "f")
        #expect(throws: FileProblems(["f:3: \"a\" is declared at f:2 already"])) {
            try WorkloadFile.checkUnique(found, project: "acme")
        }
    }
}
