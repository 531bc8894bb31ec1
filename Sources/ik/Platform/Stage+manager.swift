import Console
import Transport

extension Stage {
    /// Where a role that runs apart finds its Manager.
    func managerURL(of role: String) throws(CommandFailure) -> BaseURL {
        let text = try settings.required(.manager, why: "a \(role) dials its Manager")
        guard let url = BaseURL(text) else {
            throw settings.refusal(.manager, text, "a URL such as https://keys.example.org or http://10.0.0.1:8080")
        }
        if !url.isSecure, !ListenAddress(host: url.host, port: url.port).isLoopback {
            say(
                terminal.messages.yellow("warning:") + " \(url) is reached without TLS: credentials travel in clear.\n"
                    + "  mend: give --manager an https:// address, or keep the network private")
        }
        return url
    }
}
