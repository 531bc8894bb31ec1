import Foundation

/// Gives an empty folder to `body` and removes it afterwards with all that is in it.
func withTemporaryDirectory<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ik-gateway-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await body(folder)
}

func fileNames(_ folder: String) -> [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] }

func fileSize(_ path: String) -> Int? { attribute(.size, of: path) }

func fileMode(_ path: String) -> Int? { attribute(.posixPermissions, of: path) }

private func attribute(_ key: FileAttributeKey, of path: String) -> Int? {
    (try? FileManager.default.attributesOfItem(atPath: path)[key]) as? Int
}
