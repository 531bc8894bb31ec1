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
        let inputs = try InputLines.read(unless: texts, "there is no text to embed")
        let called = try await session.endpoint(target, key: dataKey)
        let result = try await called.endpoint.embed(input: inputs)
        session.show(result.raw, Self.table(inputs, result.embeddings).text(width: session.terminal.outputWidth))
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
