import Files
import Fleet
import InferenceKeyWire
import Worker

extension UserCommand {
    /// The path of the program that the command names.
    func launcher(on machine: EngineMachine) throws(Failure) -> String {
        if program.hasPrefix("/") {
            guard machine.allowsAbsoluteLaunchers else {
                throw Failure(
                    .badCommand,
                    "config.command names its launcher by the path \(program), which this worker's operator does not "
                        + "allow; name it \"\(program.split(separator: "/").last ?? "")\"")
            }
            guard FileStatus.isProgram(program) else {
                throw Failure(.engineMissing, "there is no program \(program) on this worker")
            }
            return program
        }
        guard let path = machine.finder.program(program, for: backend) else {
            throw Failure(
                .engineMissing,
                "this worker has no \(program) in its engine search path, its engine folders or PATH; install it there"
                    + (backend == .vllm ? ", or declare vllm_version and the worker installs that" : ""))
        }
        return path
    }
}

/// Which devices an engine sees.
enum DevicePinning {
    /// By UUID: the order of indices differs between tools. Without devices the machine's GPUs are hidden.
    static func variables(for replica: ReplicaAssignment, on machine: EngineMachine) throws(Failure) -> [String: String]
    {
        let wanted = replica.deviceIDs.filter { $0 != "cpu" }
        var given: [Device] = []
        for id in wanted {
            guard let device = machine.devices.first(where: { $0.id == id }) else {
                throw Failure(.noCapacity, "the device \(id) is not on this machine")
            }
            given.append(device)
        }
        var variables: [String: String] = [:]
        let kinds = Set((given.isEmpty ? machine.devices : given).map(\.kind))
        if kinds.contains(.nvidia) {
            variables["CUDA_VISIBLE_DEVICES"] = ids(of: .nvidia, in: given)
        }
        if kinds.contains(.amd) {
            // An empty list means all of them to ROCm's older layers; -1 is none in every layer.
            variables["ROCR_VISIBLE_DEVICES"] = given.isEmpty ? "-1" : ids(of: .amd, in: given)
        }
        return variables
    }

    private static func ids(of kind: Device.Kind, in devices: [Device]) -> String {
        devices.filter { $0.kind == kind }.map(\.id).joined(separator: ",")
    }
}
