package import InferenceKeyWire
package import Transport

/// When a server says a retry may succeed.
package enum RetryAfter {
    /// `retry-after-ms`, else `retry-after` in seconds or as an HTTP date; nil where neither says anything of use.
    package static func delay(of head: HTTPHead, date: Timestamp) -> Duration? {
        if let milliseconds = head["retry-after-ms"].flatMap(Double.init), milliseconds >= 0, milliseconds < 1e12 {
            return .microseconds(Int64((milliseconds * 1000).rounded()))
        }
        guard let text = head["retry-after"] else { return nil }
        if let seconds = Double(text) {
            return seconds >= 0 && seconds < 1e9 ? .microseconds(Int64((seconds * 1_000_000).rounded())) : nil
        }
        return httpDate(text).map { .milliseconds(max(0, $0.milliseconds(since: date))) }
    }

    /// Whole milliseconds, for ``InferenceKeyError/retryAfterMilliseconds``.
    package static func milliseconds(of head: HTTPHead, date: Timestamp) -> Int? {
        delay(of: head, date: date).map {
            Int($0.components.seconds) * 1000 + Int($0.components.attoseconds / 1_000_000_000_000_000)
        }
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`
    static func httpDate(_ text: String) -> Timestamp? {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", let month = months.firstIndex(of: String(words[2])) else {
            return nil
        }
        let number = String(month + 1)
        return Timestamp(
            rfc3339: "\(words[3])-\(month < 9 ? "0" + number : number)-\(words[1])T\(words[4])Z")
    }
}
