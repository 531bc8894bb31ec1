package import Files
package import Fleet
import InferenceKeyWire

/// The folder of one replica: `process.json` and `engine.log`. It is the engine's working directory.
package struct ReplicaFolder: Sendable, Hashable {
    package let id: ReplicaID
    package let path: String

    package init(_ id: ReplicaID, in folder: String) {
        self.id = id
        path = "\(folder)/\(id)"
    }

    package var logPath: String { path + "/engine.log" }
    private var recordPath: String { path + "/process.json" }

    package func make() throws(FileError) { try Folder.make(path) }

    package func write(_ record: ProcessRecord) throws(FileError) {
        try PrivateFile.write(record.json.bytes, to: recordPath)
    }

    /// Nil when there is none, it cannot be read, or it is of another run of the machine.
    package var record: ProcessRecord? {
        guard let bytes = FileContent.bytes(recordPath), let json = try? JSONValue(parsing: bytes),
            let record = try? ProcessRecord(json: json), record.replicaID == id
        else { return nil }
        return record.bootID == ProcessTable.bootID ? record : nil
    }
}
