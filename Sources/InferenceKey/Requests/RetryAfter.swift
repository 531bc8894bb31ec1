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
        return httpDate(text, now: date).map { .milliseconds(max(0, $0.milliseconds(since: date))) }
    }

    /// Whole milliseconds, for ``InferenceKeyError/retryAfterMilliseconds``.
    package static func milliseconds(of head: HTTPHead, date: Timestamp) -> Int? {
        delay(of: head, date: date).map {
            Int($0.components.seconds) * 1000 + Int($0.components.attoseconds / 1_000_000_000_000_000)
        }
    }

    /// The three forms of RFC 9110: `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` and
    /// `Sun Nov  6 08:49:37 1994`.
    static func httpDate(_ text: String, now: Timestamp) -> Timestamp? {
        let words = text.split(separator: " ")
        // Day, month, year and time of day.
        var parts: [Substring]
        switch words.count {
        case 6 where words[5] == "GMT": parts = Array(words[1...4])
        case 4 where words[3] == "GMT": parts = words[1].split(separator: "-") + [words[2]]
        case 5: parts = [words[2], words[1], words[4], words[3]]
        default: return nil
        }
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard parts.count == 4, let month = months.firstIndex(of: String(parts[1])) else { return nil }
        if words.count == 4 {
            guard let year = year(parts[2], now: now) else { return nil }
            parts[2] = year
        }
        let day = "\(parts[0].count == 1 ? "0" : "")\(parts[0])"
        return Timestamp(rfc3339: "\(parts[2])-\(month < 9 ? "0" : "")\(month + 1)-\(day)T\(parts[3])Z")
    }

    /// Two digits mean the year that is at most fifty years ahead.
    private static func year(_ digits: Substring, now: Timestamp) -> Substring? {
        guard digits.count == 2, let number = Int(digits), let thisYear = Int(now.description.prefix(4)) else {
            return nil
        }
        let year = thisYear - thisYear % 100 + number
        return Substring(String(year > thisYear + 50 ? year - 100 : year))
    }
}
