/// Numbers with a fixed count of decimals.
package enum Decimals {
    /// `0.78`, `-1.50`
    package static func text(_ value: Double, _ places: Int) -> String {
        guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        let scaled = Int64((abs(value) * scale).rounded())
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard places > 0 else { return "\(sign)\(scaled)" }
        let digits = String(scaled % Int64(scale))
        let fraction = String(repeating: "0", count: places - digits.count) + digits
        return "\(sign)\(scaled / Int64(scale)).\(fraction)"
    }
}
