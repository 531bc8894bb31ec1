import Console
import InferenceKey
import InferenceKeyWire

/// The administration routes of one platform.
struct Administration: Sendable {
    let connection: ControlConnection

    func list(_ path: String, _ query: [(String, String?)] = []) async throws -> [JSONValue] {
        try await connection.get("/api/admin/\(path)" + PathSegment.query(query)).arrayValue ?? []
    }

    func get(_ path: String) async throws -> JSONValue { try await connection.get("/api/admin/\(path)") }

    func post(_ path: String, _ body: JSONObject = [:]) async throws -> JSONValue {
        try await connection.post("/api/admin/\(path)", body: .object(body))
    }

    func delete(_ path: String, _ query: [(String, String?)] = []) async throws {
        try await connection.delete("/api/admin/\(path)" + PathSegment.query(query))
    }

    /// The whole id of the one that `text` begins, among those that a list route answers.
    func id(_ text: String, in path: String, noun: String) async throws -> String {
        let ids = try await list(path).compactMap { $0["id"]?.stringValue }
        return try ShortID.resolve(text, in: ids, noun: noun)
    }
}
