package import Files
package import InferenceKeyWire

/// Where one installation keeps its things on this machine.
package struct Installation: Sendable, Hashable {
    /// Absolute.
    package let path: String

    /// A relative path is one of the working folder.
    package init(_ path: String) { self.path = PrivateFolder.absolute(path) }

    /// `$XDG_DATA_HOME/inferencekey`, else `~/.local/share/inferencekey`; nil without a home.
    package static func standard(environment: [String: String]) -> Installation? {
        if let base = environment["XDG_DATA_HOME"], base.hasPrefix("/") { return Installation(base + "/inferencekey") }
        guard let home = environment["HOME"], !home.isEmpty else { return nil }
        return Installation(home + "/.local/share/inferencekey")
    }

    package var folder: PrivateFolder { PrivateFolder(path) }
    /// Makes the folder the owner's alone. One that others share and that holds something else is refused: it is theirs.
    package func makePrivate() throws(FileError) {
        if folder.isOpenToOthers, !folder.isEmpty, !Self.marks.contains(where: folder.holds) {
            throw FileError(
                path: path, reason: "is not empty, is open to others, and holds no data of InferenceKey")
        }
        try folder.makePrivate()
    }

    /// Names of files by which a data folder is known.
    private static let marks = [
        "inferencekey.db", "operator.key", "installation.secret", "worker.credential", "gateway.credential",
        "worker/worker.credential",
    ]

    /// Keeps a second platform out of the folder for as long as it lives.
    package func lock() throws(FileError) -> FileLock {
        let path = path + "/lock"
        guard let lock = try FileLock(path) else {
            throw FileError(path: path, reason: "is held by another ik that runs on this data folder")
        }
        return lock
    }

    package var database: String { path + "/inferencekey.db" }
    package var operatorKey: KeyFile { KeyFile(path + "/operator.key") }
    package var installationSecret: KeyFile { KeyFile(path + "/installation.secret") }
    package var gatewayCredential: KeyFile { KeyFile(path + "/gateway.credential") }
    package var workerCredential: KeyFile { KeyFile(path + "/worker.credential") }
    /// The packages of custom backends, each under the hash of its bytes.
    package var packagesFolder: PrivateFolder { PrivateFolder(path + "/packages") }
    /// What the Gateway mirrors to serve without the Manager.
    package var gatewayFolder: PrivateFolder { PrivateFolder(path + "/gateway") }
    /// The worker's engines: their logs and what it needs to adopt them.
    package var workerFolder: PrivateFolder { PrivateFolder(path + "/worker") }
}

extension Installation {
    /// A credential that one of its files holds, or nil when the file is not there.
    package func credential(
        _ kind: CredentialKind, in file: KeyFile, fix: String
    ) throws(CommandFailure) -> Credential? {
        let text: String?
        do {
            text = try file.readText()
        } catch {
            throw CommandFailure(.failed, "\(error)", next: fix)
        }
        guard let text else { return nil }
        guard let credential = Credential(text), credential.kind == kind else {
            throw CommandFailure(
                .failed, "\(file.path) does not hold a credential that begins with \(kind.prefix)",
                why: text.isEmpty ? "it is empty" : "it was changed or damaged", next: fix)
        }
        return credential
    }
}
