import InferenceKeyWire
import Logging
import ServiceLifecycle

extension WorkerAgent {
    /// The worker's credential: given, kept from an earlier join, or got by joining now. Nil when the task is cancelled
    /// meanwhile.
    func credential(in data: DataFolder) async throws(WorkerError) -> Credential? {
        if case .credential(let credential) = configuration.access { return credential }
        if let kept = try data.credential() { return kept }
        guard case .join(let token) = configuration.access else { throw .notJoined(folder: data.path) }
        return try await join(with: token, in: data)
    }

    /// What to go on with when the Manager answers that it does not know the credential. Its replicas are none of this
    /// machine's any more, so their engines are stopped first. Nil when the task is cancelled meanwhile.
    func credential(
        after reason: String, in data: DataFolder, roster: ReplicaRoster
    ) async throws(WorkerError) -> Credential? {
        logger.error(
            "the Manager no longer knows this worker; its engines are stopped", metadata: ["error": "\(reason)"])
        await roster.stopAll()
        if Task.isCancelled { return nil }
        data.removeAssignment()
        switch configuration.access {
        case .join(let token): return try await join(with: token, in: data)
        case .joined: throw .removed(reason)
        case .credential:
            // The rest of this process serves on; its next start makes the worker known again.
            try? await gracefulShutdown()
            return nil
        }
    }

    /// Joins, and keeps the credential. Waits for a Manager that cannot be reached.
    private func join(with token: Credential, in data: DataFolder) async throws(WorkerError) -> Credential? {
        var delay = ReconnectDelay()
        while !Task.isCancelled {
            do throws(LinkError) {
                let credential = try await link.join(token: token, name: configuration.name)
                try keep(credential, in: data)
                return credential
            } catch {
                if case .refused(let status, let message) = error, (400..<500).contains(status), status != 429 {
                    throw .joinRefused(message)
                }
                logger.warning("not joined yet", metadata: ["error": "\(error)"])
            }
            try? await clock.sleep(for: delay.next())
        }
        return nil
    }

    private func keep(_ credential: Credential, in data: DataFolder) throws(LinkError) {
        do {
            try data.write(credential)
            logger.info("joined", metadata: ["worker": "\(credential)"])
        } catch {
            throw .malformed("the credential cannot be kept: \(error)")
        }
    }
}
