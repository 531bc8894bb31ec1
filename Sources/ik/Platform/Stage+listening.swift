import Console

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
    func check(_ address: ListenAddress, retry command: String) throws(CommandFailure) {
        try PortProbe.check(address, retry: command)
        if !address.isLoopback {
            say(
                terminal.messages.yellow("warning:")
                    + " \(address) can be reached from other machines, without TLS: keys travel in clear.\n"
                    + "  mend: listen on 127.0.0.1 and put a TLS proxy (nginx, Caddy) in front of it,\n"
                    + "        or keep the network private (WireGuard, a VPC)")
        }
    }

    func drainSeconds() throws(CommandFailure) -> Int {
        try settings.int(.drainSeconds, in: 0...86_400, default: 60)
    }
}
