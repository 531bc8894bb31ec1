import ArgumentParser
import Console
import InferenceKey
import InferenceKeyWire

struct Apply: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", "Makes the workloads of YAML files so, and with --wait waits until they are ready.",
        examples: [
            "ik apply -f models.yaml --project acme --wait", "ik apply -f a.yaml b.yaml --on-drift fail",
        ])

    @OptionGroup var server: ServerOptions
    @OptionGroup var files: FileArguments
    @OptionGroup var waiting: WaitOptions

    @Flag(help: "Wait until every workload is ready, with a line of progress for each.")
    var wait = false

    @Option(
        help: "What to do with a workload that differs: reconcile, fail, dry_run, warn or ignore.",
        transform: Self.policy(named:))
    var onDrift = OnDrift.reconcile

    @Flag(help: "Also delete workloads of these projects that no file declares.")
    var prune = false

    @Flag(help: "Do not ask before --prune deletes.")
    var yes = false

    func run(_ session: Session) async throws {
        let declared = try files.read(project: session.namedProject(files.inProject))
        let timeout = try waiting.duration()
        let doomed = prune ? try await session.undeclared(declared, in: files.inProject) : []
        if onDrift != .dryRun { try confirm(doomed, session) }
        var done: [PlannedWorkload] = []
        for workload in declared {
            let project = try session.project(of: workload, in: files.inProject)
            let reference = try await workload.reporting {
                try await session.workloads(in: project).ensure(workload.spec, onDrift: onDrift)
            }
            let planned = PlannedWorkload(reference.plan, of: workload, project: project)
            if !session.wantsJSON { session.say(Self.words(planned, onDrift)) }
            done.append(planned)
        }
        for workload in doomed {
            if onDrift != .dryRun { _ = try await session.workloads(in: workload.project).delete(workload.slug) }
            session.say(Self.words(workload, onDrift))
            done.append(workload)
        }
        if wait, onDrift != .dryRun {
            let waited = done.filter { $0.action != .delete }.map { WaitedWorkload(project: $0.project, slug: $0.slug) }
            try await ReadinessWatch(session: session, timeout: timeout).wait(for: waited)
        }
        if session.wantsJSON { session.show(PlanText(done).json, "") }
    }

    private static func policy(named name: String) throws -> OnDrift {
        if let policy = OnDrift(rawValue: name) { return policy }
        throw ValidationError("must be one of \(OnDrift.allCases.map(\.rawValue).joined(separator: ", "))")
    }

    private func confirm(_ doomed: [PlannedWorkload], _ session: Session) throws {
        guard !doomed.isEmpty, !yes else { return }
        let names = doomed.map { "\($0.project)/\($0.slug)" }.joined(separator: ", ")
        guard session.terminal.canAsk else {
            throw CommandFailure(
                .wrongUsage, "--prune would delete \(names)", why: "nobody can be asked here", next: "add --yes")
        }
        session.terminal.sayPart("Delete \(names)? [y/N] ")
        guard let answer = readLine(), ["y", "yes"].contains(answer.lowercased()) else {
            throw CommandFailure(.failed, "nothing was changed", next: "run the same command without --prune")
        }
    }

    private static func words(_ workload: PlannedWorkload, _ onDrift: OnDrift) -> String {
        let name = "\(workload.project)/\(workload.slug)"
        let fields = workload.changes.flatMap(\.leaves).map(\.field).joined(separator: ", ")
        switch (workload.action, onDrift) {
        case (.none, _): return "  \(name): as declared"
        case (.create, .dryRun): return "+ \(name): would be created"
        case (.create, _): return "+ \(name): created"
        case (.delete, .dryRun): return "- \(name): would be deleted"
        case (.delete, _): return "- \(name): deleted"
        case (_, .reconcile): return "~ \(name): changed \(fields)"
        case (_, .dryRun): return "~ \(name): would change \(fields)"
        default: return "! \(name): differs in \(fields), left as it is"
        }
    }
}
