package import Fleet
import InferenceKeyWire

/// AMD's GPUs, as `rocm-smi` lists them.
package enum AMDDevices {
    package static let program = "rocm-smi"
    package static let arguments = ["--showproductname", "--showuniqueid", "--showmeminfo", "vram", "--json"]

    /// Reads one object per card. The id is the one that `ROCR_VISIBLE_DEVICES` takes: `GPU-` and the unique id's
    /// digits; a card without a unique id is known by its index.
    package static func parse(_ text: String) -> [Device] {
        // Warnings may stand before and after the object.
        guard let start = text.firstIndex(of: "{"), let end = text.lastIndex(of: "}"),
            let cards = (try? JSONValue(parsing: String(text[start...end])))?.objectValue
        else { return [] }
        return cards.compactMap { (key, card) -> Device? in
            guard key.hasPrefix("card"), let index = Int(key.dropFirst(4)) else { return nil }
            guard let total = bytes(card, "VRAM Total Memory (B)") else { return nil }
            let used = bytes(card, "VRAM Total Used Memory (B)")
            let name = field(card, "Card Series") ?? field(card, "Card series") ?? field(card, "Card Model")
            return Device(
                id: id(card) ?? "\(index)", kind: .amd, name: name ?? "AMD GPU", memoryBytes: total,
                memoryFreeBytes: used.map { total - $0 })
        }
    }

    private static func id(_ card: JSONValue) -> String? {
        guard let unique = field(card, "Unique ID"), unique.hasPrefix("0x") else { return nil }
        return "GPU-" + unique.dropFirst(2).lowercased()
    }

    private static func field(_ card: JSONValue, _ key: String) -> String? {
        guard let text = card[key]?.stringValue, text != "N/A" else { return nil }
        return text
    }

    private static func bytes(_ card: JSONValue, _ key: String) -> Int64? {
        field(card, key).flatMap { Int64($0) } ?? card[key]?.intValue.map(Int64.init)
    }
}
