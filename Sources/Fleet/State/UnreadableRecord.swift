/// A stored record that this program cannot read. It is left out of the state and stays in the store as it is.
package struct UnreadableRecord: Sendable, Hashable {
    /// The table it stands in, such as `workloads`.
    package var table: String
    package var id: String
    /// The id of what it belongs to, if that is known.
    package var owner: String?
    package var reason: String

    package init(table: String, id: String, owner: String?, reason: String) {
        self.table = table
        self.id = id
        self.owner = owner
        self.reason = reason
    }
}
