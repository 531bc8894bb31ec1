import Subprocess

/// Runs a program that answers in a moment, and reads what it says.
struct ShortCommand: Sendable {
    /// An absolute path.
    var program: String
    var arguments: [String]
    var variables: [String: String] = [:]
    /// It is killed after so long.
    var limit = Duration.seconds(10)

    private static let maxOutputBytes = 1 << 20

    /// What it wrote to both outputs; nil when it cannot be run, fails, or takes too long.
    func output() async -> String? {
        await withTaskGroup { group in
            group.addTask { await run() }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    private func run() async -> String? {
        guard let slash = program.lastIndex(of: "/") else { return nil }
        let folder = String(program[..<slash])
        var variables = variables
        variables["PATH"] = folder + ":" + (variables["PATH"] ?? "/usr/bin:/bin")
        let pairs = variables.map { Array("\($0.key)=\($0.value)".utf8) }
        let result = try? await Subprocess.run(
            .name(String(program[program.index(after: slash)...])), arguments: Arguments(arguments),
            environment: .custom(pairs), output: .string(limit: Self.maxOutputBytes),
            error: .string(limit: Self.maxOutputBytes))
        guard let result, result.terminationStatus.isSuccess else { return nil }
        return result.standardOutput + result.standardError
    }
}
