import Files
import Fleet
import InferenceKeyWire
import NIOPosix
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where the packages of custom backends lie: each under the hash of its bytes, so that what a record names is exactly
/// what was published.
///
///     begin ──▶ incoming/N.part ──keep: fsync, rename──▶ HASH.tar.gz ──▶ the record is journalled ──▶ release
///                     └── discard                             └── refused, and named by no record: removed
///
/// What a crash leaves between two of these steps is removed by ``sweep(keeping:)`` at the next start.
final class PackageFolder: Sendable {
    /// Packages that arrive at the same time; more are asked to come again.
    static let maxIncoming = 4

    private struct State {
        var incoming = 0
        var started = 0
        /// Kept packages whose record is not decided yet, with how many publications hold them.
        var pinned: [ContentHash: Int] = [:]
    }

    private let path: String
    private let state = Mutex(State())

    /// - Parameter path: made, for its owner alone, when it is first needed.
    init(path: String) { self.path = path }

    private var incomingPath: String { path + "/incoming" }

    /// The file of a package.
    func path(of package: ContentHash) -> String { "\(path)/\(package.hex).tar.gz" }

    /// Opens a file for a package that is about to arrive.
    func begin() async throws -> IncomingPackage {
        let number = state.withLock { state -> Int? in
            guard state.incoming < Self.maxIncoming else { return nil }
            state.incoming += 1
            state.started += 1
            return state.started
        }
        guard let number else {
            throw ServiceError(
                .unavailable, "\(Self.maxIncoming) packages are being received; try again",
                retryAfterMilliseconds: 2000)
        }
        do {
            return try await Self.blocking { [incomingPath] in
                try Folder.make(incomingPath)
                return try IncomingPackage(path: "\(incomingPath)/\(getpid())-\(number).part")
            }
        } catch {
            finished()
            throw Self.refusal(error)
        }
    }

    /// Makes the package durable under its hash; it stays until it is released.
    func keep(_ incoming: IncomingPackage) async throws -> ContentHash {
        let package = incoming.hash
        state.withLock { $0.pinned[package, default: 0] += 1 }
        do {
            try await Self.blocking { [path] in
                try incoming.finish(as: self.path(of: package))
                try Folder.sync(path)
            }
        } catch {
            release(package, isUnused: false)
            throw error
        }
        finished()
        return package
    }

    func discard(_ incoming: IncomingPackage) async {
        try? await Self.blocking { incoming.discard() }
        finished()
    }

    /// The publication is decided. An unused package goes, unless another publication holds it too.
    func release(_ package: ContentHash, isUnused: Bool) {
        state.withLock { state in
            let holders = (state.pinned[package] ?? 1) - 1
            state.pinned[package] = holders > 0 ? holders : nil
            if holders == 0, isUnused { unlink(path(of: package)) }
        }
    }

    /// Removes what no record names; gives how many files that were. Only before the first publication.
    func sweep(keeping named: Set<ContentHash>) async throws -> Int {
        let keep = Set(named.map { path(of: $0) })
        return try await Self.blocking { [path, incomingPath] in
            let packages = Folder.names(in: path).filter { $0.hasSuffix(".tar.gz") }.map { "\(path)/\($0)" }
            let files = packages + Folder.names(in: incomingPath).map { "\(incomingPath)/\($0)" }
            return files.count { !keep.contains($0) && unlink($0) == 0 }
        }
    }

    private func finished() { state.withLock { $0.incoming -= 1 } }

    /// Runs it on a thread that may wait, and to its end also when the calling task is cancelled.
    static func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            NIOThreadPool.singleton.submit { _ in continuation.resume(with: Result { try body() }) }
        }
    }

    /// What to tell the caller of an error: a full disk is its `storage_full`.
    static func refusal(_ error: any Error) -> any Error {
        guard let file = error as? FileError, file.isStorageFull else { return error }
        return ServiceError(
            .storageFull, "the Manager's disk is full and nothing was published; free some space and try again")
    }
}
