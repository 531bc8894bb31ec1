import Fleet
import InferenceKeyWire

/// Who holds how much of which device, and which port; grows while a plan is made, so that nothing is given twice.
struct DeviceClaims {
    private struct Held {
        var shares: [String: Double] = [:]
        var cpuMemoryBytes: Int64 = 0
        var ports: [Int: Int] = [:]
        var replicaCount = 0
        /// Devices that a replica which has not ended yet was released from: what is free of them is not known.
        var released: Set<String> = []
    }

    private var workers: [WorkerID: Held] = [:]

    /// Every recorded replica holds what it was placed with until its record is gone.
    init(_ state: FleetState) {
        for replica in state.replicas.values { add(replica, workload: state.workloads[replica.workloadID]) }
    }

    func share(of device: String, on worker: WorkerID) -> Double { workers[worker]?.shares[device] ?? 0 }
    func cpuMemoryBytes(on worker: WorkerID) -> Int64 { workers[worker]?.cpuMemoryBytes ?? 0 }
    func replicaCount(on worker: WorkerID) -> Int { workers[worker]?.replicaCount ?? 0 }
    func isTaken(port: Int, on worker: WorkerID) -> Bool { (workers[worker]?.ports[port] ?? 0) > 0 }
    func isReleased(_ device: String, on worker: WorkerID) -> Bool {
        workers[worker]?.released.contains(device) ?? false
    }

    /// Takes what a choice gives.
    mutating func add(_ choice: Placement.Choice) {
        change(
            choice.worker, choice.deviceIDs, share: choice.share, memory: choice.cpuMemoryBytes, port: choice.port,
            by: 1)
    }

    private mutating func add(_ replica: ReplicaRecord, workload: WorkloadRecord?) {
        // By what it was placed to run, which is not what its workload asks for once that has changed.
        let engine = replica.engine ?? workload.map(EngineSpec.init(of:))
        change(
            replica.workerID, replica.deviceIDs, share: replica.deviceShare, memory: engine?.cpuMemoryBytes,
            port: replica.namedPort, by: 1)
    }

    /// Takes back what one replica holds, to see whether there would be room without it.
    mutating func release(_ replica: ReplicaRecord, workload: WorkloadRecord) {
        let engine = replica.engine ?? EngineSpec(of: workload)
        change(
            replica.workerID, replica.deviceIDs, share: replica.deviceShare, memory: engine.cpuMemoryBytes,
            port: replica.namedPort, by: -1)
        workers[replica.workerID]?.released.formUnion(replica.deviceIDs)
    }

    private mutating func change(
        _ worker: WorkerID, _ devices: [String], share: Double, memory: Int64?, port: Int?, by count: Int
    ) {
        var held = workers[worker] ?? Held()
        for device in devices { held.shares[device, default: 0] += share * Double(count) }
        if devices.isEmpty, let memory { held.cpuMemoryBytes += memory * Int64(count) }
        if let port { held.ports[port, default: 0] += count }
        held.replicaCount += count
        workers[worker] = held
    }
}
