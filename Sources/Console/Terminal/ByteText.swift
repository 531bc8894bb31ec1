/// Numbers of bytes as people read them: decimal units, one decimal under a hundred.
package enum ByteText {
    private static let units = ["B", "kB", "MB", "GB", "TB", "PB"]

    /// `812 B`, `1.2 GB`, `340 GB`
    package static func text(_ bytes: Int64) -> String {
        let scale = exponent(of: bytes)
        return number(bytes, scale) + " " + units[scale]
    }

    /// `1.2 of 4.5 GB`, both in the unit of the whole.
    package static func text(_ done: Int64, of total: Int64) -> String {
        let scale = exponent(of: total)
        return "\(number(done, scale)) of \(number(total, scale)) \(units[scale])"
    }

    private static func exponent(of bytes: Int64) -> Int {
        var scale = 0
        var rest = Double(max(0, bytes))
        while rest >= 999.95, scale < units.count - 1 {
            rest /= 1000
            scale += 1
        }
        return scale
    }

    private static func number(_ bytes: Int64, _ scale: Int) -> String {
        var value = Double(max(0, bytes))
        for _ in 0..<scale { value /= 1000 }
        if scale == 0 || value >= 99.95 { return String(Int(value.rounded())) }
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
