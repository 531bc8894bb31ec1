import Fleet
import InferenceKeyWire

/// Who holds how much of which device; grows while a plan is made, so that nothing is given twice.
struct DeviceClaims {
    private var shares: [WorkerID: [String: Double]] = [:]
    private var cpuMemory: [WorkerID: Int64] = [:]
    private var replicaCounts: [WorkerID: Int] = [:]

    /// Every recorded replica holds its devices until its record is gone.
    init(_ state: FleetState) {
        for replica in state.replicas.values {
            let memory = state.workloads[replica.workloadID].flatMap(DeviceRequirement.cpuMemoryBytes(of:))
            add(replica.deviceIDs, share: replica.deviceShare, cpuMemoryBytes: memory, on: replica.workerID)
        }
    }

    func share(of device: String, on worker: WorkerID) -> Double { shares[worker]?[device] ?? 0 }
    func cpuMemoryBytes(on worker: WorkerID) -> Int64 { cpuMemory[worker] ?? 0 }
    func replicaCount(on worker: WorkerID) -> Int { replicaCounts[worker] ?? 0 }

    mutating func add(_ devices: [String], share: Double, cpuMemoryBytes: Int64?, on worker: WorkerID) {
        for device in devices { shares[worker, default: [:]][device, default: 0] += share }
        if devices.isEmpty, let cpuMemoryBytes { cpuMemory[worker, default: 0] += cpuMemoryBytes }
        replicaCounts[worker, default: 0] += 1
    }

    /// Takes back what one replica holds, to see whether there would be room without it.
    mutating func release(_ replica: ReplicaRecord, cpuMemoryBytes: Int64?) {
        let worker = replica.workerID
        for device in replica.deviceIDs { shares[worker, default: [:]][device, default: 0] -= replica.deviceShare }
        if replica.deviceIDs.isEmpty, let cpuMemoryBytes { cpuMemory[worker, default: 0] -= cpuMemoryBytes }
        replicaCounts[worker, default: 0] -= 1
    }
}
