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
        let target = try session.endpoint(target, key: dataKey)
        var documents = documents
        if documents.isEmpty { while let line = readLine() { documents.append(line) } }
        guard !documents.isEmpty else { throw CommandFailure(.wrongUsage, "there is no document to order") }
        let result = try await target.endpoint.rerank(query: query, documents: documents, topN: top)
        var table = Table("SCORE", "INDEX", "DOCUMENT")
        for item in result.results {
            let document = documents.indices.contains(item.index) ? documents[item.index] : ""
            table.add(Decimals.text(item.relevanceScore, 3), String(item.index), document)
        }
        session.show(result.raw, table.text(width: session.terminal.outputWidth))
    }
}
