import ArgumentParser
import Console
import InferenceKeyWire

/// How long a new credential is valid.
struct ExpiryOption: ParsableArguments {
    @Option(name: .customLong("expires"), help: "How long it is valid: 30d, 12h. For ever without it.")
    var expires: String?

    @Option(help: "A name for people.")
    var name: String?

    /// The members of a create body that these options fill.
    func members() throws(CommandFailure) -> JSONObject {
        var body = JSONObject()
        body["name"] = name.map { .string($0) }
        if let expires { body["expires_in_seconds"] = .int(try seconds(expires, of: "--expires", atLeast: 1)) }
        return body
    }
}

/// The seconds of an option such as `30d`.
func seconds(_ text: String, of option: String, atLeast minimum: Int = 0) throws(CommandFailure) -> Int {
    guard let seconds = TimeSpan.seconds(of: text) else {
        throw CommandFailure(
            .wrongUsage, "\(option) must be a span of time such as 30d, 12h or 45m, not \"\(text)\"")
    }
    guard seconds >= minimum else { throw CommandFailure(.wrongUsage, "\(option) must be \(minimum)s or longer") }
    return seconds
}

extension Session {
    /// Prints a secret on stdout, so that it can be caught in a variable, and words about it on stderr.
    func reveal(_ created: JSONValue, secret: String, _ words: String) {
        if wantsJSON {
            show(created, "")
        } else {
            terminal.print(created.text(secret))
        }
        say(words)
    }
}
