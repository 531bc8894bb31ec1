import InferenceKeyWire
import Logging

extension WorkerAgent {
    /// The worker's credential: given, kept from an earlier join, or got by joining now. Waits for a Manager that cannot
    /// be reached. Nil when the task is cancelled meanwhile.
    func credential(in data: DataFolder) async throws(WorkerError) -> Credential? {
        if case .credential(let credential) = configuration.access { return credential }
        if let kept = try data.credential() { return kept }
        guard case .join(let token) = configuration.access else { throw .notJoined(folder: data.path) }
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
