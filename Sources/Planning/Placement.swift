import Fleet
import InferenceKeyWire

/// Finds a worker and devices for one replica, or says of each why not.
struct Placement {
    let state: FleetState
    let sight: FleetSight

    struct Choice: Hashable {
        var worker: WorkerID
        var deviceIDs: [String]
        var share: Double
        var cpuMemoryBytes: Int64?
        var port: Int?
    }

    /// Why one worker cannot take it, and the devices it was refused for.
    struct Refusal: Hashable {
        var worker: WorkerID
        var cause: FailureCause
        var reason: String
        var devices: [String: String] = [:]
    }

    enum Outcome {
        case fits(Choice)
        case refused(Refusal)
    }

    /// The best worker: fewest replicas of the same workload, then fewest in all, then the oldest.
    func choose(for workload: WorkloadRecord, claims: DeviceClaims, avoiding taken: [WorkerID: Int]) -> Choice? {
        let need = DeviceRequirement(of: workload)
        var best: (key: [Int], choice: Choice)?
        for worker in state.workers.values.sorted(by: { $0.id < $1.id }) {
            guard case .fits(let choice) = check(worker, for: workload, need, claims) else { continue }
            let key = [taken[worker.id] ?? 0, claims.replicaCount(on: worker.id)]
            if best.map({ key.lexicographicallyPrecedes($0.key) }) ?? true { best = (key, choice) }
        }
        return best?.choice
    }

    /// Whether any worker could take one more.
    func hasRoom(for workload: WorkloadRecord, claims: DeviceClaims) -> Bool {
        let need = DeviceRequirement(of: workload)
        return state.workers.values.contains {
            if case .fits = check($0, for: workload, need, claims) { true } else { false }
        }
    }

    /// What each worker of the tenant says to it.
    func outcomes(for workload: WorkloadRecord, claims: DeviceClaims) -> [(worker: WorkerRecord, outcome: Outcome)] {
        let tenant = state.projects[workload.projectID]?.tenantID
        let need = DeviceRequirement(of: workload)
        return state.workers.values.filter { $0.tenantID == tenant }.sorted { $0.id < $1.id }
            .map { ($0, check($0, for: workload, need, claims)) }
    }

    private func check(
        _ worker: WorkerRecord, for workload: WorkloadRecord, _ need: DeviceRequirement, _ claims: DeviceClaims
    ) -> Outcome {
        func refuse(_ cause: FailureCause, _ reason: String) -> Outcome {
            .refused(Refusal(worker: worker.id, cause: cause, reason: reason))
        }
        guard worker.tenantID == state.projects[workload.projectID]?.tenantID else {
            return refuse(.noCapacity, "belongs to another tenant")
        }
        if let pin = workload.workerID, !worker.isCalled(pin) {
            return refuse(.noCapacity, "the workload is pinned to worker \(pin)")
        }
        guard let seen = sight.workers[worker.id], seen.isLive else {
            return refuse(.workerLost, "has not been heard of")
        }
        if worker.isCordoned { return refuse(.noCapacity, "is cordoned") }
        if worker.isDraining { return refuse(.noCapacity, "is draining") }
        if let refusal = missingEngine(workload, seen.inventory) { return refuse(.engineMissing, refusal) }
        if let port = need.port, claims.isTaken(port: port, on: worker.id) {
            return refuse(
                .noCapacity,
                "runs another replica on the port \(port), which the command names; leave --port out of config.command")
        }
        return checkDevices(worker, seen.inventory, workload, need, claims)
    }

    /// The engine must be there, unless the command names it by path or the worker can make it (`vllm_version`).
    private func missingEngine(_ workload: WorkloadRecord, _ inventory: Inventory) -> String? {
        let known = workload.backend == .vllmOmni ? [.vllmOmni, .vllm] : [workload.backend]
        if inventory.engines.contains(where: { known.contains($0.backend) }) { return nil }
        let canBeMade = workload.config?["vllm_version"]?.stringValue != nil
        if canBeMade || workload.command?.hasPrefix("/") == true { return nil }
        let found = inventory.engines.map { "\($0.backend) \($0.version ?? "")" }.joined(separator: ", ")
        return "has no \(workload.backend) engine (found: \(found.isEmpty ? "none" : found)); run there: ik doctor"
    }

    private func checkDevices(
        _ worker: WorkerRecord, _ inventory: Inventory, _ workload: WorkloadRecord, _ need: DeviceRequirement,
        _ claims: DeviceClaims
    ) -> Outcome {
        let gpus = inventory.devices.filter { $0.kind != .cpu }
        if let pin = workload.gpuResourceID, !inventory.devices.contains(where: { $0.id == pin }) {
            return .refused(
                Refusal(worker: worker.id, cause: .noCapacity, reason: "has no device \(pin), which is pinned"))
        }
        if gpus.isEmpty || need.wantsCPU || workload.gpuResourceID == "cpu" {
            return checkCPU(worker, inventory, need, claims)
        }
        var fitting: [Device] = []
        var refused: [String: String] = [:]
        for device in gpus {
            if let reason = refusal(of: device, worker, workload, need, claims) {
                refused[device.id] = reason
            } else {
                fitting.append(device)
            }
        }
        guard fitting.count >= need.count else {
            let reasons = refused.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "; ")
            let summary = "needs \(need.count) GPU\(need.count == 1 ? "" : "s") and \(fitting.count) can take it"
            return .refused(
                Refusal(
                    worker: worker.id, cause: .noCapacity,
                    reason: reasons.isEmpty ? summary : "\(summary) (\(reasons))", devices: refused))
        }
        // The fullest device that still fits, so that whole devices stay free for those who need them.
        let packed = fitting.sorted {
            (-claims.share(of: $0.id, on: worker.id), $0.id) < (-claims.share(of: $1.id, on: worker.id), $1.id)
        }
        let chosen = packed.prefix(need.count).map(\.id).sorted()
        return .fits(Choice(worker: worker.id, deviceIDs: chosen, share: need.share, port: need.port))
    }

    private func checkCPU(
        _ worker: WorkerRecord, _ inventory: Inventory, _ need: DeviceRequirement, _ claims: DeviceClaims
    ) -> Outcome {
        func refuse(_ reason: String) -> Outcome {
            .refused(Refusal(worker: worker.id, cause: .noCapacity, reason: reason, devices: ["cpu": reason]))
        }
        if worker.cordonedDevices.contains("cpu") { return refuse("has a cordoned CPU") }
        if let bytes = need.cpuMemoryBytes {
            let free = inventory.memoryBytes - claims.cpuMemoryBytes(on: worker.id)
            guard bytes <= free else {
                let total = gib(inventory.memoryBytes)
                return refuse("has \(gib(free)) of \(total) of memory left and \(gib(bytes)) are asked for the cache")
            }
        }
        return .fits(
            Choice(
                worker: worker.id, deviceIDs: [], share: need.share, cpuMemoryBytes: need.cpuMemoryBytes,
                port: need.port))
    }

    private func refusal(
        of device: Device, _ worker: WorkerRecord, _ workload: WorkloadRecord, _ need: DeviceRequirement,
        _ claims: DeviceClaims
    ) -> String? {
        if let pin = workload.gpuResourceID, pin != device.id { return "the workload is pinned to \(pin)" }
        if worker.cordonedDevices.contains(device.id) { return "is cordoned" }
        let held = claims.share(of: device.id, on: worker.id)
        if held > 0 {
            guard held + need.share <= 1.0 + 1e-9 else {
                return "\(percent(held)) of it is taken and \(percent(need.share)) is asked for"
            }
        } else if !claims.isReleased(device.id, on: worker.id), let free = device.memoryFreeBytes,
            Double(device.memoryBytes) * need.share > Double(free)
        {
            let asked = Int64(Double(device.memoryBytes) * need.share)
            return "other programs left \(gib(free)) free and \(gib(asked)) are asked for"
        }
        return nil
    }

    private func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }

    private func gib(_ bytes: Int64) -> String {
        let tenths = max(0, bytes) * 10 / 1_073_741_824
        return "\(tenths / 10).\(tenths % 10) GiB"
    }
}
