import Fleet
import Synchronization

/// The engine key of every replica, derived once.
final class EngineKeyBook: Sendable {
    private let secret: InstallationSecret
    private let keys = Mutex<[ReplicaID: String]>([:])

    init(secret: InstallationSecret) { self.secret = secret }

    subscript(replica: ReplicaID) -> String {
        if let known = keys.withLock({ $0[replica] }) { return known }
        let key = secret.engineKey(for: replica)
        keys.withLock { $0[replica] = key }
        return key
    }

    /// Forgets the keys of replicas that are gone.
    func keep(_ replicas: [ReplicaID: ReplicaRecord]) {
        keys.withLock { keys in
            if keys.count > replicas.count { keys = keys.filter { replicas[$0.key] != nil } }
        }
    }
}
