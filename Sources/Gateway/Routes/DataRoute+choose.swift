import InferenceKeyWire

extension DataRoute {
    /// The route that a request takes at an endpoint of that task type.
    static func choose(
        _ method: Method, _ rest: UnsafeRawBufferPointer, task: TaskType, tasks: TaskSet
    ) throws(Refusal) -> DataRoute {
        var allowed: [Method] = []
        for route in all where route.matches(rest) && !route.tasks.isDisjoint(with: tasks) {
            if route.method == method { return route }
            allowed.append(route.method)
        }
        if !tasks.isDisjoint(with: asyncOnly), method == .post {
            throw Refusal(
                .asyncOnly,
                "\(task.rawValue) work is taken as jobs only: POST it to /endpoint/PROJECT/WORKLOAD/jobs with its kind")
        }
        guard allowed.isEmpty else {
            let names = allowed.map { "\($0.text)" }.joined(separator: ", ")
            throw Refusal(.methodNotAllowed, "this route is called with \(names)", allow: names)
        }
        throw unsupported(rest, task: task, tasks: tasks)
    }

    private static func unsupported(_ rest: UnsafeRawBufferPointer, task: TaskType, tasks: TaskSet) -> Refusal {
        let served = all.filter { !$0.tasks.isDisjoint(with: tasks) }.map(\.name).joined(separator: ", ")
        let known = all.contains { $0.matches(rest) }
        let what = known ? "workloads of task type \(task.rawValue) do not serve this route" : "there is no such route"
        return Refusal(.unsupportedRoute, "\(what); those of task type \(task.rawValue) serve: \(served)")
    }
}
