import Console
import InferenceKeyWire
import Transport

extension Stage {
    /// The join token that was given; nil when none was.
    func joinToken() throws(CommandFailure) -> Credential? {
        guard let text = settings.text(.join) else { return nil }
        guard let token = Credential(text), token.kind == .join else {
            throw CommandFailure(
                .wrongUsage, "--join must be a token that begins with ik_join_, not \(Redaction.redact(text))",
                next: "ik worker join-token   # where the platform runs")
        }
        return token
    }

    /// The credential of a Gateway that runs apart: of the file that was named, of an earlier join, or of joining now.
    func gatewayCredential(manager: BaseURL) async throws -> Credential {
        if let path = settings.text(.credentialFile) {
            let file = KeyFile(path)
            let fix = "give --credential-file a file with an ik_gtw_ credential, or --join a token"
            if let credential = try installation.credential(.gateway, in: file, fix: fix) { return credential }
            throw CommandFailure(.wrongUsage, "there is no file \(path)", next: fix)
        }
        let file = installation.gatewayCredential
        let fix = "rm '\(file.path)'   # then start it with --join and a new token"
        let kept = try installation.credential(.gateway, in: file, fix: fix)
        let token = try joinToken()
        if let kept {
            // A Gateway that was removed is known no more; with a new token it joins anew.
            guard let token else { return kept }
            if await GatewayJoin(manager: manager, token: token).isKnown(kept) { return kept }
        }
        guard let token else {
            throw CommandFailure(
                .wrongUsage, "this Gateway has not joined yet", why: "there is no \(file.path)",
                next: "ik worker join-token --role gateway   # where the platform runs; then --join TOKEN here")
        }
        let credential = try await GatewayJoin(manager: manager, token: token).join(
            as: settings.text(.name) ?? Machine.hostname)
        try installation.keep(credential, in: file)
        return credential
    }
}
