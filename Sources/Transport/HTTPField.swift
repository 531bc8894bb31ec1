/// One header field. Names are compared without regard to case.
package struct HTTPField: Sendable, Hashable {
    package var name: String
    package var value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    package init(_ name: String, _ value: String) { self.init(name: name, value: value) }

    package func isNamed(_ other: String) -> Bool { HTTPSyntax.same(name, other) }
}
