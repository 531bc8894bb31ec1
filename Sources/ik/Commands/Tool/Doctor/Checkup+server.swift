import Console
import Fleet
import InferenceKeyWire
import Transport

extension Checkup {
    /// Who answers at the platform's address, whether it serves, and whether its clock and ours agree.
    func server() async -> [Finding] {
        let client = HTTPClient(timeouts: HTTPTimeouts(connect: .seconds(3), total: .seconds(5)))
        defer { Task { await client.shutdown() } }
        do throws(TransportError) {
            let health = try await client.send(HTTPRequest("GET", address, "/healthz"), maxBytes: 1 << 16)
            guard (try? JSONValue(parsing: health.body))?["status"]?.stringValue == "ok" else {
                return [
                    Finding(
                        "address", .problem, "another program answers on \(address)",
                        mend: "stop it, or run the platform elsewhere: ik up --listen 127.0.0.1:8081")
                ]
            }
            let ready = try await client.send(HTTPRequest("GET", address, "/readyz"), maxBytes: 1 << 16)
            return [readiness(ready), clock(health.head["date"])]
        } catch {
            return [silence(error), clock(nil)]
        }
    }

    private func readiness(_ answer: HTTPAnswer) -> Finding {
        answer.head.isSuccess
            ? Finding("platform", .ok, "answers and is ready on \(address)")
            : Finding(
                "platform", .problem, "answers on \(address) but is not ready (status \(answer.head.status))",
                mend: "wait a moment; if it stays so, read its log")
    }

    /// Nobody answers: fine where the address is free for `ik up`.
    private func silence(_ error: TransportError) -> Finding {
        let local = ListenAddress(host: address.host, port: address.port)
        guard local.isLoopback else {
            return Finding(
                "platform", .problem, "\(address) does not answer: \(error)",
                mend: "start it there, or set INFERENCEKEY_BASE_URL to where it runs")
        }
        switch PortProbe.bindError(local) {
        case nil:
            return Finding("address", .note, "nothing runs on \(address), and it is free", mend: "ik up")
        default:
            return Finding(
                "address", .problem, "\(local) is taken by a program that does not answer: \(error)",
                mend: "stop it, or run the platform elsewhere: ik up --listen 127.0.0.1:\(address.port + 1)")
        }
    }

    private func clock(_ serverDate: String?) -> Finding {
        let now = Timestamp.now
        guard let serverDate, let there = HTTPDate.read(serverDate) else {
            // Before this program was written.
            let isWrong = now < Timestamp(milliseconds: 1_735_689_600_000)
            return Finding(
                "clock", isWrong ? .problem : .ok, "\(now)",
                mend: isWrong ? "set it: systemctl start systemd-timesyncd" : nil)
        }
        let difference = abs(now.milliseconds(since: there))
        return difference < 30_000
            ? Finding("clock", .ok, "\(now), as the platform's")
            : Finding(
                "clock", .problem, "it differs from the platform's by \(TimeSpan.rough(milliseconds: difference))",
                mend: "set both: systemctl start systemd-timesyncd")
    }
}
