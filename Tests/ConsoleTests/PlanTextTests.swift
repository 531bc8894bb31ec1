import Console
import InferenceKeyWire
import Testing

@Suite("Plans as text")
struct PlanTextTests {
    private let plan = PlanText([
        PlannedWorkload(
            project: "acme", slug: "new", action: .create,
            changes: [.init(field: "backend", from: nil, to: "vllm"), .init(field: "description", from: nil, to: nil)]),
        PlannedWorkload(
            project: "acme", slug: "bot", action: .update,
            changes: [
                .init(
                    field: "config", from: ["command": "vllm serve a", "env": ["X": 1]],
                    to: ["command": "vllm serve b", "env": ["X": 1]], effect: .rolling),
                .init(field: "description", from: nil, to: "hello", effect: .inPlace),
            ]),
        PlannedWorkload(project: "acme", slug: "same", action: .none),
    ])

    @Test("a plan shows each field from and to with its effect, and counts at the end")
    func text() {
        #expect(
            plan.text(.plain) == """
                + create acme/new
                    backend: "vllm"

                ~ change acme/bot
                    config.command: "vllm serve a" → "vllm serve b"  [rolling: the new replica is ready before the old one stops]
                    description: (not set) → "hello"  [in place: nothing restarts]

                No changes: acme/same

                Plan: 1 to create, 1 to change, 0 to delete.
                """)
    }

    @Test("long values stand below each other")
    func long() {
        let long = String(repeating: "x", count: 60)
        let text = PlanText([
            PlannedWorkload(
                project: "p", slug: "w", action: .update,
                changes: [.init(field: "name", from: .string(long), to: .string(long + "y"))])
        ]).text(.plain)
        #expect(text.contains("    name:\n        \"\(long)\"\n      → \"\(long)y\""))
    }

    @Test("programs get the version, the counts and whether there is anything to do")
    func json() {
        #expect(plan.json["format_version"] == "1.0")
        #expect(plan.json["has_changes"] == true)
        #expect(plan.json["summary"] == ["create": 1, "change": 1, "delete": 0])
        #expect(!PlanText([]).hasChanges)
        #expect(PlanText([]).text(.plain) == "Plan: 0 to create, 0 to change, 0 to delete.")
    }
}
