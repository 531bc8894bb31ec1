import ArgumentParser
import Console
import InferenceKeyWire

struct JoinToken: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "join-token", "Makes a token with which one machine may join, and prints it, once.",
        examples: ["ik worker join-token", "ik worker join-token --expires 24h", "ik worker join-token --role gateway"])

    enum Role: String, ExpressibleByArgument, CaseIterable {
        case worker, gateway
    }

    @OptionGroup var server: ServerOptions

    @Option(help: "What joins with it: worker or gateway.")
    var role = Role.worker

    @Option(help: "How long it is valid.")
    var expires = "1h"

    @Option(help: "A name for people.")
    var name: String?

    func run(_ session: Session) async throws {
        var body: JSONObject = [
            "role": .string(role.rawValue),
            "expires_in_seconds": .int(try seconds(expires, of: "--expires", atLeast: 1)),
        ]
        body["name"] = name.map { .string($0) }
        let token = try await session.administration().post("join-tokens", body)
        session.reveal(
            token, secret: "token",
            "To join with it: ik \(role.rawValue) --join TOKEN --manager \(session.address)\n"
                + "A Gateway dials engines on its own machine: a worker and the Gateway that serves its workloads stand "
                + "on one.")
    }
}
