import Console
import Files
import Fleet
import InferenceKeyWire

extension Installation {
    /// Makes the data folder the owner's alone and keeps other platforms out of it until the process ends.
    func open() throws(CommandFailure) -> FileLock {
        do {
            try makePrivate()
            let lock = try lock()
            try gatewayFolder.makePrivate()
            try workerFolder.makePrivate()
            return lock
        } catch {
            throw CommandFailure(.failed, "\(error)", next: "give --data a folder that is this user's and not in use")
        }
    }

    /// The credential of a file, made with mode 0600 where there is none yet.
    func ensure(
        _ kind: CredentialKind, in file: KeyFile, ids: IDSource = .system
    ) throws(CommandFailure) -> (credential: Credential, isNew: Bool) {
        let fix = "rm '\(file.path)'   # the next start makes a new one; the old one opens nothing any more"
        if let credential = try credential(kind, in: file, fix: fix) { return (credential, false) }
        let credential = ids.credential(kind)
        try keep(credential, in: file)
        return (credential, true)
    }

    /// Writes a credential to its file, with mode 0600.
    func keep(_ credential: Credential, in file: KeyFile) throws(CommandFailure) {
        try write(Array((credential.revealed + "\n").utf8), to: file)
    }

    /// The installation's secret, made where there is none yet.
    func ensureSecret(ids: IDSource = .system) throws(CommandFailure) -> InstallationSecret {
        let text: String?
        do {
            text = try installationSecret.readText()
        } catch {
            throw CommandFailure(.failed, "\(error)", next: "make it readable for this user and start again")
        }
        if let text {
            guard let bytes = Hex.decode(text), bytes.count == InstallationSecret.byteCount else {
                throw CommandFailure(
                    .failed, "\(installationSecret.path) does not hold \(InstallationSecret.byteCount) bytes in hex",
                    why: "it was changed or damaged",
                    next: "put it back from a copy, or remove it: engines that run are then stopped and started anew")
            }
            return InstallationSecret(bytes: bytes)
        }
        let bytes = ids.random(InstallationSecret.byteCount)
        try write(Array((Hex.encode(bytes) + "\n").utf8), to: installationSecret)
        return InstallationSecret(bytes: bytes)
    }

    private func write(_ bytes: [UInt8], to file: KeyFile) throws(CommandFailure) {
        do {
            try file.write(bytes)
        } catch {
            throw CommandFailure(.failed, "\(error)", next: "make room, or give --data a folder that can be written to")
        }
    }
}
