import Fleet
import InferenceKeyWire
import Planning

extension Core {
    /// A worker as the API shows it: its record, what was last heard of it, and what is placed on it.
    func view(_ worker: WorkerRecord, _ fleet: FleetState, _ sight: FleetSight) -> JSONValue {
        let seen = sight.workers[worker.id]
        let heard = sightBook.lastHeard(of: worker.id)
        let inventory = heard == nil ? nil : seen?.inventory
        let replicas = fleet.replicas(on: worker.id)
        var object = worker.json.objectValue ?? [:]
        object["status"] = .string(heard == nil ? "unknown" : seen?.isLive == true ? "live" : "lost")
        object["last_heard_at"] = .optional(heard?.description)
        object["hostname"] = .optional(inventory?.hostname)
        object["operating_system"] = .optional(inventory?.operatingSystem)
        object["agent_version"] = .optional(inventory?.agentVersion)
        object["cpu_count"] = .optional(inventory?.cpuCount)
        object["memory_bytes"] = .optional(inventory?.memoryBytes)
        object["disk_free_bytes"] = .optional(inventory?.diskFreeBytes)
        object["devices"] = .array((inventory?.devices ?? []).map { view($0, of: worker, replicas) })
        object["engines"] = .array((inventory?.engines ?? []).map(\.json))
        object["replicas"] = .array(replicas.map { view($0, fleet, sight) })
        return .object(object)
    }

    private func view(_ device: Device, of worker: WorkerRecord, _ replicas: [ReplicaRecord]) -> JSONValue {
        let isCPU = device.kind == .cpu
        let users = replicas.filter { isCPU ? $0.deviceIDs.isEmpty : $0.deviceIDs.contains(device.id) }
        var object = device.json.objectValue ?? [:]
        object["cordoned"] = .bool(worker.cordonedDevices.contains(device.id))
        object["replicas"] = .array(users.map(\.id.json))
        return .object(object)
    }

    private func view(_ replica: ReplicaRecord, _ fleet: FleetState, _ sight: FleetSight) -> JSONValue {
        let workload = fleet.workloads[replica.workloadID]
        return [
            "id": replica.id.json, "workload_id": replica.workloadID.json, "workload_slug": .optional(workload?.slug),
            "project_slug": .optional(workload.flatMap { fleet.projects[$0.projectID]?.slug }),
            "revision": .int(replica.revision), "intent": .string(replica.intent.rawValue),
            "state": .string(sight.state(of: replica).rawValue),
        ]
    }
}
