package import InferenceKeyWire

/// One GPU of a worker, or its CPU. Wire name `gpu_resource`.
package struct Device: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case cpu, nvidia, amd
    }

    /// Stable on its machine: the GPU's UUID, or `cpu`.
    package var id: String
    package var kind: Kind
    package var name: String
    package var memoryBytes: Int64
    package var memoryFreeBytes: Int64?

    package init(id: String, kind: Kind, name: String, memoryBytes: Int64, memoryFreeBytes: Int64? = nil) {
        self.id = id
        self.kind = kind
        self.name = name
        self.memoryBytes = memoryBytes
        self.memoryFreeBytes = memoryFreeBytes
    }
}

/// An engine that a worker found on its machine.
package struct FoundEngine: Sendable, Hashable {
    package var backend: Backend
    package var version: String?
    package var path: String

    package init(backend: Backend, version: String?, path: String) {
        self.backend = backend
        self.version = version
        self.path = path
    }
}

/// What a worker's machine has.
package struct Inventory: Sendable, Hashable {
    package var hostname: String
    package var operatingSystem: String
    package var cpuCount: Int
    package var memoryBytes: Int64
    package var diskFreeBytes: Int64?
    /// Every GPU, then the CPU.
    package var devices: [Device]
    package var engines: [FoundEngine]
    package var agentVersion: String

    package init(
        hostname: String, operatingSystem: String, cpuCount: Int, memoryBytes: Int64, diskFreeBytes: Int64? = nil,
        devices: [Device], engines: [FoundEngine], agentVersion: String
    ) {
        self.hostname = hostname
        self.operatingSystem = operatingSystem
        self.cpuCount = cpuCount
        self.memoryBytes = memoryBytes
        self.diskFreeBytes = diskFreeBytes
        self.devices = devices
        self.engines = engines
        self.agentVersion = agentVersion
    }
}

extension Device {
    package init(json: JSONValue) throws(FieldErrors) {
        var fields = JSONFields(json)
        self.init(
            id: fields.string("id", required: true) ?? "",
            kind: fields.choice("kind", Kind.self, required: true) ?? .cpu, name: fields.string("name") ?? "",
            memoryBytes: fields.bytes("memory_bytes") ?? 0, memoryFreeBytes: fields.bytes("memory_free_bytes"))
        try fields.finish(allowingUnknown: true)
    }

    package var json: JSONValue {
        [
            "id": .string(id), "kind": .string(kind.rawValue), "name": .string(name),
            "memory_bytes": .int(memoryBytes), "memory_free_bytes": .optional(memoryFreeBytes),
        ]
    }
}

extension FoundEngine {
    package init(json: JSONValue) throws(FieldErrors) {
        var fields = JSONFields(json)
        self.init(
            backend: Backend(rawValue: fields.string("backend", required: true) ?? ""),
            version: fields.string("version"), path: fields.string("path") ?? "")
        try fields.finish(allowingUnknown: true)
    }

    package var json: JSONValue {
        ["backend": .string(backend.rawValue), "version": .optional(version), "path": .string(path)]
    }
}

extension Inventory {
    package init(json: JSONValue) throws(FieldErrors) {
        var fields = JSONFields(json)
        let devices = fields.array("devices") ?? []
        let engines = fields.array("engines") ?? []
        self.init(
            hostname: fields.string("hostname") ?? "", operatingSystem: fields.string("operating_system") ?? "",
            cpuCount: fields.int("cpu_count") ?? 0, memoryBytes: fields.bytes("memory_bytes") ?? 0,
            diskFreeBytes: fields.bytes("disk_free_bytes"),
            devices: try devices.map(Device.init(json:)), engines: try engines.map(FoundEngine.init(json:)),
            agentVersion: fields.string("agent_version") ?? "")
        try fields.finish(allowingUnknown: true)
    }

    package var json: JSONValue {
        [
            "hostname": .string(hostname), "operating_system": .string(operatingSystem), "cpu_count": .int(cpuCount),
            "memory_bytes": .int(memoryBytes), "disk_free_bytes": .optional(diskFreeBytes),
            "devices": .array(devices.map(\.json)), "engines": .array(engines.map(\.json)),
            "agent_version": .string(agentVersion),
        ]
    }
}

extension JSONFields {
    /// A size. What no machine has is cut, so that sums and shares of it are numbers still.
    fileprivate mutating func bytes(_ key: String) -> Int64? { int(key).map { Int64(min(max($0, 0), 1 << 53)) } }
}
