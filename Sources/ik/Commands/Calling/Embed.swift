import ArgumentParser
import Console
import InferenceKey
import InferenceKeyWire

struct Embed: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "embed", "Turns texts into vectors, and shows how near they are to the first one.",
        examples: [
            "ik embed minilm 'a cat sits' 'a kitten is sitting' 'stock market crash' --project acme",
            "ik embed minilm --json < lines.txt > vectors.json",
        ],
        notes: "Without a text, every line of standard input is one.")

    @OptionGroup var server: ServerOptions
    @OptionGroup var target: WorkloadArgument
    @OptionGroup var dataKey: DataKeyOption

    @Argument(help: "The texts.")
    var texts: [String] = []

    func run(_ session: Session) async throws {
        let target = try session.endpoint(target, key: dataKey)
        var texts = texts
        if texts.isEmpty { while let line = readLine() { texts.append(line) } }
        guard !texts.isEmpty else { throw CommandFailure(.wrongUsage, "there is no text to embed") }
        let result = try await target.endpoint.embed(input: texts)
        session.show(result.raw, Self.table(texts, result.embeddings).text(width: session.terminal.outputWidth))
    }

    private static func table(_ texts: [String], _ vectors: [[Double]]) -> Table {
        var table = Table("LIKE THE FIRST", "NUMBERS", "FIRST THREE", "TEXT")
        for (text, vector) in zip(texts, vectors) {
            let first = vector.prefix(3).map { Decimals.text($0, 3) }.joined(separator: " ")
            let likeness = Cosine.similarity(vectors.first ?? [], vector)
            table.add(Decimals.text(likeness, 2), String(vector.count), first, text)
        }
        return table
    }
}
