import InferenceKeyWire
import Logging
import NIOSSL
import Synchronization

/// The certificate that new connections are served by. It is replaced while the Gateway runs; a pair that cannot be used
/// leaves the old one in place.
final class ServerCertificate: Sendable {
    private struct State {
        var loaded: LoadedCertificate
        /// What the files looked like when they were last tried.
        var triedStamp: [FileStamp?]
    }

    private let files: CertificateFiles
    private let logger: Logger
    private let now: @Sendable () -> Timestamp
    private let state: Mutex<State>

    /// How long before its end a certificate is warned of.
    static let warningDays: Int64 = 14

    init(
        _ files: CertificateFiles, logger: Logger, now: @escaping @Sendable () -> Timestamp
    ) throws(CertificateFault) {
        self.files = files
        self.logger = logger
        self.now = now
        let loaded = try files.load()
        state = Mutex(State(loaded: loaded, triedStamp: loaded.stamp))
        tell(loaded, "serving with TLS")
    }

    /// For one new connection.
    var context: NIOSSLContext { state.withLock { $0.loaded.context } }

    var expiresAt: Timestamp { state.withLock { $0.loaded.expiresAt } }

    /// Reads the files again if they have changed since they were last tried. The two are rarely replaced in the same
    /// instant: a pair that does not fit is tried again when either changes.
    func reloadIfChanged() {
        let stamp = files.stamp
        guard state.withLock({ $0.triedStamp }) != stamp else { return }
        reload()
    }

    /// Reads the files again.
    func reload() {
        let stamp = files.stamp
        do throws(CertificateFault) {
            let loaded = try files.load()
            state.withLock { $0 = State(loaded: loaded, triedStamp: stamp) }
            tell(loaded, "the certificate was replaced")
        } catch {
            state.withLock { $0.triedStamp = stamp }
            logger.error(
                "the new certificate cannot be used; the former one is kept",
                metadata: ["error": "\(error)", "fix": "\(error.fix)"])
        }
    }

    private func tell(_ loaded: LoadedCertificate, _ message: Logger.Message) {
        let metadata: Logger.Metadata = ["certificate": "\(files.certificate)", "expires": "\(loaded.expiresAt)"]
        logger.info(message, metadata: metadata)
        let left = loaded.expiresAt.milliseconds - now().milliseconds
        if left < 0 {
            logger.error("the certificate has expired: clients refuse it", metadata: metadata)
        } else if left < Self.warningDays * 86_400_000 {
            logger.warning("the certificate expires soon", metadata: metadata)
        }
    }
}
