import Console
import Fleet
import Gateway
import InferenceKeyWire

extension Checkup {
    /// Problems from this many days before a certificate ends on; notes from that many.
    private static let problemDays: Int64 = 3
    private static let noteDays: Int64 = 21

    /// How the certificate stands that the platform is told to serve with; nothing where it is told of none.
    func certificate() -> [Finding] {
        let files: CertificateFiles?
        do throws(CommandFailure) { files = try stage.certificate() } catch {
            return [Finding("certificate", .problem, error.what, mend: error.next.first)]
        }
        guard let files, let loaded = try? files.load() else { return [] }
        let now = Timestamp.now
        if loaded.notBefore > now {
            return [
                Finding(
                    "certificate", .problem, "\(files.certificate) is not valid before \(loaded.notBefore)",
                    mend: "set the clock, or wait until then")
            ]
        }
        let days = loaded.expiresAt.milliseconds(since: now) / 86_400_000
        let hasEnded = loaded.expiresAt <= now
        let detail = "\(files.certificate) " + (hasEnded ? "expired at" : "is valid until") + " \(loaded.expiresAt)"
        let mend = "renew it; a running platform takes over the new files by itself"
        if hasEnded || days < Self.problemDays { return [Finding("certificate", .problem, detail, mend: mend)] }
        return [
            Finding("certificate", days < Self.noteDays ? .note : .ok, detail, mend: days < Self.noteDays ? mend : nil)
        ]
    }
}
