import Console
import InferenceKeyWire
import Testing

@Suite("The example files")
struct ExampleTests {
    private static let folder = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/Examples/"

    @Test(
        "they declare what their comments say",
        arguments: [("quickstart", ["support-bot", "texts"]), ("llama-server", ["assistant"])])
    func examples(name: String, slugs: [String]) throws {
        let text = try #require(try KeyFile(Self.folder + name + ".yaml").readText())
        #expect(try WorkloadFile.read(text, file: name).map(\.spec.slug) == slugs)
    }
}
