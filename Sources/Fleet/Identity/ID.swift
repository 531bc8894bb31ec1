package import InferenceKeyWire

/// A noun that has an identity of its own.
package protocol Identified: Sendable {
    /// What its ids begin with, such as `wl`.
    static var idPrefix: String { get }
}

/// The id of one noun: prefix, `_`, ULID. Ids of different nouns do not mix.
package struct ID<Noun: Identified>: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let text: String

    /// Takes an id that came from our own store or wire.
    package init(_ text: String) { self.text = text }

    package var description: String { text }
    package var json: JSONValue { .string(text) }
    package static func < (left: ID, right: ID) -> Bool { left.text < right.text }
}

package typealias TenantID = ID<Tenant>
package typealias ProjectID = ID<Project>
package typealias WorkloadID = ID<WorkloadRecord>
package typealias ReplicaID = ID<ReplicaRecord>
package typealias WorkerID = ID<WorkerRecord>
package typealias CustomBackendID = ID<CustomBackendRecord>
