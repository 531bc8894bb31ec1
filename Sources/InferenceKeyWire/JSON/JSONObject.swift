/// The members of a JSON object in the order they were given, with look-up by key. Equality ignores order.
public struct JSONObject: Sendable {
    public private(set) var keys: [String] = []
    private var values: [String: JSONValue] = [:]

    public init() {}

    /// A later element with the same key replaces the value of the earlier one.
    public init(_ elements: some Sequence<(String, JSONValue)>) {
        keys.reserveCapacity(elements.underestimatedCount)
        values.reserveCapacity(elements.underestimatedCount)
        for (key, value) in elements { self[key] = value }
    }

    public var count: Int { keys.count }
    public var isEmpty: Bool { keys.isEmpty }

    /// Setting nil removes the key.
    public subscript(key: String) -> JSONValue? {
        get { values[key] }
        set {
            guard let newValue else {
                if values.removeValue(forKey: key) != nil { keys.removeAll { $0 == key } }
                return
            }
            if values.updateValue(newValue, forKey: key) == nil { keys.append(key) }
        }
    }
}

extension JSONObject: Sequence {
    public struct Iterator: IteratorProtocol {
        fileprivate var keys: IndexingIterator<[String]>
        fileprivate let values: [String: JSONValue]

        public mutating func next() -> (key: String, value: JSONValue)? {
            guard let key = keys.next(), let value = values[key] else { return nil }
            return (key, value)
        }
    }

    public func makeIterator() -> Iterator { Iterator(keys: keys.makeIterator(), values: values) }

    public var underestimatedCount: Int { keys.count }
}

extension JSONObject: Hashable {
    public static func == (left: JSONObject, right: JSONObject) -> Bool { left.values == right.values }
    public func hash(into hasher: inout Hasher) { hasher.combine(values) }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}
