import InferenceKeyWire

/// A set of task types.
struct TaskSet: OptionSet, Sendable, Hashable {
    let rawValue: UInt16

    init(rawValue: UInt16) { self.rawValue = rawValue }

    init(_ task: TaskType) {
        let index = TaskType.allCases.firstIndex(of: task) ?? 0
        self.init(rawValue: 1 << UInt16(index))
    }

    init(_ tasks: [TaskType]) { self = tasks.reduce(into: []) { $0.insert(TaskSet($1)) } }

    static let all = TaskSet(TaskType.allCases)
}
