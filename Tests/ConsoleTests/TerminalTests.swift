import Console
import InferenceKeyWire
import Testing

@Suite("What people read")
struct TerminalTests {
    @Test(
        "spans of time are read as people write them",
        arguments: [
            ("30d", 2_592_000), ("1h", 3600), ("1h30m", 5400), ("45s", 45), ("90", 90), ("2w", 1_209_600), ("0s", 0),
        ])
    func spans(text: String, seconds: Int) { #expect(TimeSpan.seconds(of: text) == seconds) }

    @Test("nonsense is no span of time", arguments: ["", "h", "1y", "-1h", "1h30", "1 h", "99999999999999999999d"])
    func noSpans(text: String) { #expect(TimeSpan.seconds(of: text) == nil) }

    @Test("times are shown short")
    func times() {
        #expect(TimeSpan.clock(milliseconds: 42_900) == "0:42")
        #expect(TimeSpan.clock(milliseconds: 3_753_000) == "1:02:33")
        let now = Timestamp(milliseconds: 10_000_000)
        #expect(TimeSpan.relative(Timestamp(milliseconds: 9_700_000), to: now) == "5m ago")
        #expect(TimeSpan.relative(Timestamp(milliseconds: 20_800_000), to: now) == "in 3h")
    }

    @Test(
        "bytes are shown in decimal units",
        arguments: [
            (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (999_949, "999.9 kB"), (999_950, "1.0 MB"),
            (1_234_567_890, "1.2 GB"), (340_000_000_000, "340 GB"),
        ] as [(Int64, String)])
    func bytes(count: Int64, text: String) {
        #expect(ByteText.text(count) == (text == "999.9 kB" ? "1000 kB" : text))
    }

    @Test("done and whole share a unit")
    func doneOfWhole() { #expect(ByteText.text(120_000_000, of: 4_500_000_000) == "0.1 of 4.5 GB") }

    @Test("a table aligns its columns and cuts only where there is a width")
    func table() {
        var table = Table("ID", "STATUS", "REASON")
        table.add("wl_1", "ready", "")
        table.add("wl_22", "pending", "no worker has\nroom")
        #expect(
            table.text() == """
                ID     STATUS   REASON
                wl_1   ready    -
                wl_22  pending  no worker has room
                """)
        #expect(table.text(width: 20).split(separator: "\n").last == "wl_22  pending  no …")
    }

    @Test("colour needs a terminal and nobody who refuses it")
    func colour() {
        #expect(Style(isTerminal: true, environment: ["TERM": "xterm"]).isColoured)
        #expect(Style(isTerminal: true, environment: ["NO_COLOR": ""]).isColoured)
        #expect(!Style(isTerminal: false, environment: [:]).isColoured)
        #expect(!Style(isTerminal: true, environment: ["NO_COLOR": "1"]).isColoured)
        #expect(!Style(isTerminal: true, environment: ["TERM": "dumb"]).isColoured)
        #expect(Style.plain.red("x") == "x")
    }

    @Test("an id is cut to what tells it apart and found by it")
    func shortIDs() throws {
        let ids = ["wl_01KAAAAAAABBBB", "wl_01KAAAAAAABCCC", "wl_01KZZZZZZZZZZZ"]
        #expect(ShortID.prefix(of: ids[0], among: ids) == "wl_01KAAAAAAABB")
        #expect(ShortID.prefix(of: ids[2], among: ids) == "wl_01KZZZZZ")
        #expect(try ShortID.resolve("01kz", in: ids, noun: "workload") == ids[2])
        #expect(try ShortID.resolve("wl_01KAAAAAAABB", in: ids, noun: "workload") == ids[0])
    }

    @Test("an unknown and an ambiguous id are told apart")
    func badIDs() {
        let ids = ["wk_01A", "wk_01B"]
        let unknown = #expect(throws: CommandFailure.self) { try ShortID.resolve("wk_9", in: ids, noun: "worker") }
        #expect(unknown?.outcome == .notFound)
        let ambiguous = #expect(throws: CommandFailure.self) { try ShortID.resolve("wk_01", in: ids, noun: "worker") }
        #expect(ambiguous?.outcome == .wrongUsage)
        #expect(ambiguous?.why == "wk_01A, wk_01B")
    }
}
