package import Files

/// Why an agent cannot run at all.
package enum WorkerError: Error, Sendable, Hashable, CustomStringConvertible {
    case dataFolder(FileError)
    /// Another agent runs on the same data folder.
    case alreadyRunning(folder: String)
    case notJoined(folder: String)
    case badCredential(path: String)
    /// The Manager refused the join token.
    case joinRefused(String)
    /// The Manager does not know the worker's credential any more.
    case removed(String)

    package var description: String {
        switch self {
        case .dataFolder(let error): "\(error). Give the worker a data folder that it may write"
        case .alreadyRunning(let folder):
            "another worker runs on the data folder \(folder). Stop it, or give this one a folder of its own"
        case .notJoined(let folder):
            "this worker has not joined yet: there is no \(folder)/worker.credential. Start it once with --join and a "
                + "token from `ik worker join-token`"
        case .badCredential(let path):
            "\(path) holds no worker credential. Remove it and start the worker with --join and a new token"
        case .joinRefused(let reason): "the Manager refused the join token: \(reason). Make a new one and try again"
        case .removed(let reason):
            "the Manager no longer knows this worker: \(reason). Its engines were stopped. To join again, start it with "
                + "--join and a new token"
        }
    }
}
