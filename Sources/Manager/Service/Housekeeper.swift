import Fleet
import InferenceKeyWire
import Logging
import ServiceLifecycle

/// Forgets, at the start and then every hour, what nobody needs any more.
struct Housekeeper: Service {
    /// A credential that has ended is listed for this long, milliseconds.
    static let listedAfterEnd: Int64 = 30 * 86_400_000
    private let core: Core

    init(core: Core) { self.core = core }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await clean()
                try? await core.clock.sleep(for: core.timings.housekeeping)
            }
        }
    }

    func clean() async {
        do {
            try await core.store.prune()
            let now = core.ids.now()
            let ended = core.ledger.current.credentials.values.filter { $0.hasEnded(longBefore: now) }.map(\.id)
            guard !ended.isEmpty else { return }
            try await core.ledger.transact(as: FleetDraft.system) { draft in
                for id in ended where draft.state.credentials[id]?.hasEnded(longBefore: now) == true {
                    draft.apply(.removeCredential(id: id))
                    draft.audit("credential.forget", id, ["reason": "it ended 30 days ago"])
                }
            }
            for id in ended { core.lastUse.forget(id) }
        } catch {
            core.logger.error("nothing was tidied up; it is tried again", metadata: ["error": "\(error)"])
        }
    }
}

extension CredentialRecord {
    fileprivate func hasEnded(longBefore now: Timestamp) -> Bool {
        guard let end = [revokedAt, expiresAt].compactMap({ $0 }).min() else { return false }
        return now.milliseconds(since: end) >= Housekeeper.listedAfterEnd
    }
}
