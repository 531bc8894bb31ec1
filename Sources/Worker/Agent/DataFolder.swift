package import Files
package import Fleet
import Glibc
package import InferenceKeyWire

/// The worker's data folder.
///
///     worker.credential   what it holds after joining
///     assignment.json     the last assignment it got
///     worker.lock         held while an agent runs
///     replicas/ID/        one folder per replica
///     engines/vllm/0.32.0 engine versions it installed
package struct DataFolder: Sendable, Hashable {
    package let path: String

    package init(_ path: String) throws(WorkerError) {
        self.path = path
        do {
            try Folder.make(path)
            try Folder.make(replicasPath)
        } catch {
            throw .dataFolder(error)
        }
    }

    package var replicasPath: String { path + "/replicas" }
    package var enginesPath: String { path + "/engines" }
    private var credentialPath: String { path + "/worker.credential" }
    private var assignmentPath: String { path + "/assignment.json" }

    /// The agent's alone for as long as the lock lives.
    package func lock() throws(WorkerError) -> FileLock {
        do {
            if let lock = try FileLock(path + "/worker.lock") { return lock }
        } catch {
            throw .dataFolder(error)
        }
        throw .alreadyRunning(folder: path)
    }

    /// Nil when the worker has not joined yet.
    package func credential() throws(WorkerError) -> Credential? {
        guard let text = FileContent.text(credentialPath) else { return nil }
        guard let credential = Credential(text), credential.kind == .worker else {
            throw .badCredential(path: credentialPath)
        }
        return credential
    }

    package func write(_ credential: Credential) throws(WorkerError) {
        do {
            try PrivateFile.write(Array((credential.revealed + "\n").utf8), to: credentialPath, isDurable: true)
        } catch {
            throw .dataFolder(error)
        }
    }

    /// The last assignment, or nil when there is none that can be read.
    package var assignment: WorkerAssignment? {
        guard let bytes = FileContent.bytes(assignmentPath, maxBytes: WorkerAssignment.maxBytes),
            let json = try? JSONValue(parsing: bytes)
        else { return nil }
        return try? WorkerAssignment(json: json)
    }

    /// Not waited for on the disk: after a loss of power no engine runs that it could be about.
    package func write(_ assignment: WorkerAssignment) throws(FileError) {
        try PrivateFile.write(assignment.json.bytes, to: assignmentPath)
    }

    /// What another worker was assigned is nothing to this one.
    package func removeAssignment() { unlink(assignmentPath) }

    /// Removes the folders of replicas that are gone, but for the newest few: their logs may still be wanted.
    package func prune(keeping assigned: Set<ReplicaID>, newest: Int = 20) {
        let gone = Folder.names(in: replicasPath).filter { !assigned.contains(ID($0)) }
            .map { (path: "\(replicasPath)/\($0)", modified: FileStatus("\(replicasPath)/\($0)")?.modified) }
            .sorted { ($0.modified?.milliseconds ?? 0) > ($1.modified?.milliseconds ?? 0) }
        for folder in gone.dropFirst(newest) { Folder.remove(folder.path) }
    }
}
