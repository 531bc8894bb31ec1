import Files
import Fleet
import InferenceKeyWire

/// The tables on disk, so that a Gateway serves when the Manager is down as it starts. Readable by its owner alone: the
/// engines' keys stand in it.
struct TablesMirror: Sendable {
    let path: String

    static let format = 1
    static let maxBytes = 512 << 20

    /// Nil when there is none yet.
    func load() throws -> GatewayTables? {
        guard let bytes = try FileContent.read(path, maxBytes: Self.maxBytes) else { return nil }
        let json = try JSONValue(parsing: bytes)
        guard json["format"]?.intValue == Self.format, let tables = json["tables"] else {
            throw FileError(path: path, reason: "is of another version of this program")
        }
        return try GatewayTables(json: tables)
    }

    /// Replaces the mirror as a whole: after a crash there is the old one or the new one.
    func save(_ tables: GatewayTables) throws {
        let json: JSONValue = ["format": .int(Self.format), "tables": tables.json]
        try PrivateFile.write(json.bytes, to: path, isDurable: true)
    }
}
