import Files
package import Fleet

/// NVIDIA's GPUs, as `nvidia-smi` lists them.
package enum NvidiaDevices {
    package static let program = "nvidia-smi"
    package static let arguments = [
        "--query-gpu=uuid,name,memory.total,memory.free", "--format=csv,noheader,nounits",
    ]

    /// Reads lines such as `GPU-5f1a…, NVIDIA H100 80GB HBM3, 81559, 80994`: memory in MiB.
    ///
    /// - Parameter sharedBytes: stands in where a GPU has no memory of its own (`[N/A]`).
    package static func parse(_ text: String, sharedBytes: Int64) -> [Device] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            let fields = line.split(separator: ",").map { String($0.trimmed) }
            guard fields.count >= 4, fields[0].hasPrefix("GPU-") || fields[0].hasPrefix("MIG-") else { return nil }
            let name = fields[1..<fields.count - 2].joined(separator: ", ")
            let total = Int64(fields[fields.count - 2]).map { $0 << 20 }
            return Device(
                id: fields[0], kind: .nvidia, name: name, memoryBytes: total ?? sharedBytes,
                memoryFreeBytes: total == nil ? nil : Int64(fields[fields.count - 1]).map { $0 << 20 })
        }
    }
}
