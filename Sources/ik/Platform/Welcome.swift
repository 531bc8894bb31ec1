import Console
import Fleet

/// The words of a platform that serves.
struct Welcome: Sendable {
    var address: String
    var installation: Installation
    var isFirstStart: Bool
    var runsWorker: Bool

    /// At the first start: the three commands to run next. Later: the address.
    func text(environment: [String: String]) -> String {
        let head = "InferenceKey answers on \(address), its data is in \(installation.path)"
        guard isFirstStart else { return head }
        var exports: [String] = []
        if address != "http://127.0.0.1:8080" { exports.append("export INFERENCEKEY_BASE_URL=\(address)") }
        if Installation.standard(environment: environment) != installation {
            exports.append("export IK_DATA='\(installation.path)'")
        }
        let commands = [
            "ik project create acme",
            runsWorker
                ? "ik apply -f models.yaml --project acme --wait"
                : "ik worker join-token   # then, on a machine with engines: ik worker --join …",
            "ik key create --project acme --all-workloads",
        ]
        return head + "\nIts operator key is in \(installation.operatorKey.path): keep it safe.\n\n"
            + "Next, in another terminal:\n\n" + (exports + commands).map { "  " + $0 }.joined(separator: "\n") + "\n"
    }
}
