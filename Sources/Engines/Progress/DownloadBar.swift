package import InferenceKeyWire

/// The progress bars of the model hub's client:
/// `model.safetensors:  45%|████▌     | 450M/1.00G [00:05<00:06, 92.3MB/s]`.
package enum DownloadBar {
    /// Nil for lines that are no bar with bytes.
    package static func progress(in line: String) -> StepProgress? {
        guard let percent = line.firstIndex(of: "%"), let colon = line.firstIndex(of: ":"), colon < percent,
            let bracket = line.lastIndex(of: "["), let bar = line[..<bracket].lastIndex(of: "|"), percent < bar
        else { return nil }
        let amounts = line[line.index(after: bar)..<bracket].split(separator: "/").map { $0.filter { $0 != " " } }
        guard amounts.count == 2, let total = bytes(amounts[1]), let done = bytes(amounts[0]), hasUnit(amounts[1])
        else {
            return nil
        }
        return StepProgress(
            step: .downloadModel, message: String(line[..<colon].trimmedName), bytesDone: min(done, total),
            bytesTotal: total, etaMilliseconds: eta(line[bracket...]))
    }

    /// `450M`, `1.00G`, `512k`, `17`, with or without a closing `B`: powers of a thousand.
    static func bytes(_ text: String) -> Int64? {
        var number = text[...]
        if number.last == "B" { number.removeLast() }
        var scale = 1.0
        if let unit = number.last, let power = ["k", "M", "G", "T"].firstIndex(of: unit == "K" ? "k" : unit) {
            number.removeLast()
            for _ in 0...power { scale *= 1000 }
        }
        guard let value = Double(number), value.isFinite, value >= 0, value * scale < 9e18 else { return nil }
        return Int64(value * scale)
    }

    /// A line may hold any digits, so sums of them are bounded before they are integers.
    private static let maxSeconds = 100.0 * 366 * 86_400

    /// `2/5` counts files, `1.00G` counts bytes.
    private static func hasUnit(_ text: String) -> Bool { text.last.map { "kKMGTB".contains($0) } ?? false }

    /// The time after `<`: `00:06` or `1:02:03`. Nil for one that is longer than a century.
    private static func eta(_ bracket: Substring) -> Int64? {
        guard let mark = bracket.firstIndex(of: "<") else { return nil }
        let time = bracket[bracket.index(after: mark)...].prefix { $0.isNumber || $0 == ":" }
        let parts = time.split(separator: ":").map { Double($0) }
        guard (2...3).contains(parts.count), !parts.contains(nil) else { return nil }
        let seconds = parts.compactMap(\.self).reduce(0) { $0 * 60 + $1 }
        return seconds <= maxSeconds ? Int64(seconds) * 1000 : nil
    }
}

extension Substring {
    fileprivate var trimmedName: Substring {
        var name = drop { $0 == " " }
        while name.last == " " { name.removeLast() }
        return name
    }
}
