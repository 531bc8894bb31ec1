import Console
import Gateway

extension Stage {
    /// Where a role is told to listen.
    func listenAddress(default standard: String = "127.0.0.1:8080") throws(CommandFailure) -> ListenAddress {
        let text = settings.text(.listen) ?? standard
        guard let address = ListenAddress(text) else {
            throw settings.refusal(.listen, text, "HOST:PORT such as 127.0.0.1:8080 or [::1]:8080")
        }
        return address
    }

    /// Throws where the address cannot be listened on; warns where others can reach it.
    func check(
        _ address: ListenAddress, isSecure: Bool = false, retry command: String
    ) throws(CommandFailure) {
        try PortProbe.check(address, retry: command)
        if !address.isLoopback, !isSecure {
            say(
                terminal.messages.yellow("warning:")
                    + " \(address) can be reached from other machines, without TLS: keys travel in clear.\n"
                    + "  mend: give --tls-certificate FILE and --tls-key FILE, or listen on 127.0.0.1 behind a\n"
                    + "        TLS proxy (nginx, Caddy),\n"
                    + "        or keep the network private (WireGuard, a VPC)")
        }
    }

    /// The certificate to serve with; nil serves plain `http`. Throws where only half of it is given, and where it
    /// cannot be used.
    func certificate() throws(CommandFailure) -> CertificateFiles? {
        let given = (settings.text(.tlsCertificate), settings.text(.tlsKey))
        switch given {
        case (nil, nil): return nil
        case (let certificate?, let key?):
            let files = CertificateFiles(certificate: certificate, key: key)
            do throws(CertificateFault) { _ = try files.load() } catch {
                throw CommandFailure(.wrongUsage, "\(error)", next: error.fix)
            }
            return files
        case (nil, _?): throw half(missing: .tlsCertificate, beside: .tlsKey)
        case (_?, nil): throw half(missing: .tlsKey, beside: .tlsCertificate)
        }
    }

    private func half(missing: Setting, beside given: Setting) -> CommandFailure {
        CommandFailure(
            .wrongUsage, "\(missing.flag) is missing", why: "\(given.flag) is given, and TLS needs both",
            next: "give \(missing.flag) FILE, set \(missing.variable), or put \(missing.key) into the --config file")
    }

    func drainSeconds() throws(CommandFailure) -> Int {
        try settings.int(.drainSeconds, in: 0...86_400, default: 60)
    }
}
