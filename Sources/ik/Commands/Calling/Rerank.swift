import ArgumentParser
import Console
import InferenceKey
import InferenceKeyWire

struct Rerank: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "rerank", "Orders documents by how well they answer a query.",
        examples: ["ik rerank minilm --query 'a cat' 'a kitten' 'a bond' --project acme"],
        notes: "Without a document, every line of standard input is one.")

    @OptionGroup var server: ServerOptions
    @OptionGroup var target: WorkloadArgument
    @OptionGroup var dataKey: DataKeyOption

    @Option(name: [.customShort("q"), .customLong("query")], help: "What is looked for.")
    var query: String

    @Option(help: "Only the best ones.")
    var top: Int?

    @Argument(help: "The documents.")
    var documents: [String] = []

    func run(_ session: Session) async throws {
        let inputs = try InputLines.read(unless: documents, "there is no document to order")
        let called = try await session.endpoint(target, key: dataKey)
        let result = try await called.endpoint.rerank(query: query, documents: inputs, topN: top)
        session.show(result.raw, Self.table(inputs, result.results).text(width: session.terminal.outputWidth))
    }

    private static func table(_ documents: [String], _ results: [RerankItem]) -> Table {
        var table = Table("SCORE", "INDEX", "DOCUMENT")
        for item in results {
            let document = documents.indices.contains(item.index) ? documents[item.index] : ""
            table.add(Decimals.text(item.relevanceScore, 3), String(item.index), document)
        }
        return table
    }
}
