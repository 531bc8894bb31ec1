package import InferenceKeyWire

/// Lengths of time as people write and read them.
package enum TimeSpan {
    private static let secondsPerUnit: [(unit: Character, seconds: Int)] = [
        ("w", 604_800), ("d", 86_400), ("h", 3600), ("m", 60), ("s", 1),
    ]
    /// Longer spans are refused.
    package static let maxSeconds = 100 * 366 * 86_400

    /// The seconds of `30d`, `1h`, `1h30m` or `45s`; a bare number is seconds. Nil for anything else.
    package static func seconds(of text: String) -> Int? {
        if let bare = Int(text) { return (0...maxSeconds).contains(bare) ? bare : nil }
        var total = 0
        var digits = ""
        for character in text {
            if character.isASCII, character.isNumber {
                digits.append(character)
                continue
            }
            guard let unit = secondsPerUnit.first(where: { $0.unit == character }), let count = Int(digits) else {
                return nil
            }
            let (product, overflow) = count.multipliedReportingOverflow(by: unit.seconds)
            guard !overflow, product <= maxSeconds else { return nil }
            total += product
            digits = ""
        }
        return digits.isEmpty && !text.isEmpty && total <= maxSeconds ? total : nil
    }

    /// `0:42`, `12:05`, `1:02:33`: the time a clock shows.
    package static func clock(milliseconds: Int64) -> String {
        let seconds = max(0, milliseconds) / 1000
        let tail = pad(seconds % 60)
        return seconds < 3600
            ? "\(seconds / 60):\(tail)" : "\(seconds / 3600):\(pad(seconds / 60 % 60)):\(tail)"
    }

    /// `42s`, `5m`, `3h`, `12d`: one unit, rounded down.
    package static func rough(milliseconds: Int64) -> String {
        let seconds = max(0, milliseconds) / 1000
        switch seconds {
        case ..<120: return "\(seconds)s"
        case ..<7200: return "\(seconds / 60)m"
        case ..<172_800: return "\(seconds / 3600)h"
        default: return "\(seconds / 86_400)d"
        }
    }

    /// `5m ago`, or `in 3h` for a moment to come.
    package static func relative(_ moment: Timestamp, to now: Timestamp) -> String {
        let distance = now.milliseconds(since: moment)
        return distance >= 0 ? rough(milliseconds: distance) + " ago" : "in " + rough(milliseconds: -distance)
    }

    private static func pad(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
