package import Fleet
package import InferenceKeyWire

/// What is written down of a replica's engine, so that a later run of the agent finds it and takes it over.
///
/// It is written twice: before the engine is started, without a process, and after. When the agent dies in between, the
/// marker in the engine's environment finds the process and the first record still knows its port.
package struct ProcessRecord: Sendable, Hashable {
    package var replicaID: ReplicaID
    package var revision: Int
    /// The run of the machine in which the process was started.
    package var bootID: String
    package var process: EngineProcess?
    package var port: Int
    /// The port was chosen by the agent, not named in the command.
    package var portIsOurs: Bool
    package var servedNames: [String]
    /// Tells one engine key from another without showing it; nil in records of earlier versions.
    package var keyMark: String?
    package var restarts: Int

    package init(
        replicaID: ReplicaID, revision: Int, bootID: String = ProcessTable.bootID, process: EngineProcess? = nil,
        port: Int, portIsOurs: Bool, servedNames: [String], keyMark: String?, restarts: Int
    ) {
        self.replicaID = replicaID
        self.revision = revision
        self.bootID = bootID
        self.process = process
        self.port = port
        self.portIsOurs = portIsOurs
        self.servedNames = servedNames
        self.keyMark = keyMark
        self.restarts = restarts
    }

    package static func mark(of engineKey: String) -> String {
        var hash = ContentHash.Builder()
        hash.add(Array(engineKey.utf8))
        return String(hash.hash.hex.prefix(16))
    }

    /// Whether the engine was started for this assignment, and asks for its key.
    package func isOf(_ assignment: ReplicaAssignment) -> Bool {
        let isSameKey = keyMark.map { $0 == Self.mark(of: assignment.engineKey) } ?? true
        return revision == assignment.revision && isSameKey
    }
}

extension ProcessRecord {
    package init(json: JSONValue) throws(FieldErrors) {
        var fields = JSONFields(json)
        let process = fields.int("pid").flatMap(Int32.init(exactly:))
        let startTicks = fields.int("start_ticks").flatMap(UInt64.init(exactly:))
        self.init(
            replicaID: ID(fields.string("replica_id", required: true) ?? ""),
            revision: fields.int("revision", required: true) ?? 0, bootID: fields.string("boot_id") ?? "",
            process: process.map { EngineProcess(id: $0, startTicks: startTicks ?? 0) },
            port: fields.int("port", required: true) ?? 0, portIsOurs: fields.bool("port_is_ours") ?? true,
            servedNames: fields.strings("served_names") ?? [], keyMark: fields.string("key_mark"),
            restarts: fields.int("restarts") ?? 0)
        try fields.finish(allowingUnknown: true)
    }

    package var json: JSONValue {
        [
            "replica_id": replicaID.json, "revision": .int(revision), "boot_id": .string(bootID),
            "pid": .optional(process.map { Int($0.id) }),
            "start_ticks": .optional(process.map { Int($0.startTicks) }), "port": .int(port),
            "port_is_ours": .bool(portIsOurs), "served_names": .array(servedNames.map { .string($0) }),
            "key_mark": .optional(keyMark), "restarts": .int(restarts),
        ]
    }
}
