import Console
import InferenceKeyWire
import Testing

@Suite("Numbers for people")
struct NumberTests {
    @Test(
        "numbers are rounded to their decimals",
        arguments: [
            (0.785, 2, "0.79"), (-1.5, 2, "-1.50"), (0, 3, "0.000"), (-0.0001, 2, "0.00"), (12.0, 0, "12"),
            (0.05, 1, "0.1"), (99.999, 2, "100.00"),
        ] as [(Double, Int, String)])
    func decimals(value: Double, places: Int, text: String) { #expect(Decimals.text(value, places) == text) }

    @Test("alike, at right angles, against each other, and not comparable")
    func cosine() {
        #expect(Cosine.similarity([1, 1], [2, 2]) > 0.999)
        #expect(Cosine.similarity([1, 0], [0, 1]) == 0)
        #expect(Cosine.similarity([1, 0], [-3, 0]) == -1)
        #expect(Cosine.similarity([1], [1, 2]) == 0)
        #expect(Cosine.similarity([0], [1]) == 0)
    }
}

@Suite("Dates of HTTP headers")
struct HTTPDateTests {
    @Test("the form that servers send is read, no other")
    func read() {
        #expect(HTTPDate.read("Tue, 24 Nov 2026 08:00:00 GMT")?.description == "2026-11-24T08:00:00.000Z")
        #expect(HTTPDate.read("24.11.2026") == nil)
        #expect(HTTPDate.read("Tue, 24 Nov 2026 08:00:00 CET") == nil)
    }
}
