import Console
import Fleet
import InferenceKey
import InferenceKeyWire
import Synchronization

/// A workload that a command waits for.
struct WaitedWorkload: Sendable, Hashable {
    var project: String
    var slug: String
}

/// Waits for workloads, all at once, and shows how far each is.
struct ReadinessWatch: Sendable {
    let session: Session
    let timeout: Duration

    /// Returns when all are ready. Throws when one of them failed or the time is up.
    func wait(for workloads: [WaitedWorkload]) async throws {
        guard !workloads.isEmpty else { return }
        let board = Board(workloads.map { Self.name($0, among: workloads) })
        let failures = await withTaskGroup(of: (WaitedWorkload, InferenceKeyError)?.self) { group in
            for workload in workloads { group.addTask { await wait(for: workload, on: board) } }
            let painter = Task { await paint(board) }
            var failures: [(WaitedWorkload, InferenceKeyError)] = []
            for await failure in group { failures += failure.map { [$0] } ?? [] }
            painter.cancel()
            await painter.value
            return failures
        }
        if let first = failures.first { throw failure(first.0, first.1, of: failures.count) }
    }

    /// A workload's name on the board: with its project only where there are several.
    private static func name(_ workload: WaitedWorkload, among all: [WaitedWorkload]) -> String {
        Set(all.map(\.project)).count > 1 ? "\(workload.project)/\(workload.slug)" : workload.slug
    }

    private func wait(for workload: WaitedWorkload, on board: Board) async -> (WaitedWorkload, InferenceKeyError)? {
        let name = board.name(of: workload)
        do {
            try await session.workloads(in: workload.project).waitUntilReady(workload.slug, timeout: timeout) { event in
                board.change { $0.note(event, of: name, at: .now) }
            }
            return nil
        } catch let error as InferenceKeyError {
            board.change { $0.fail(name, error.message, at: .now) }
            return (workload, error)
        } catch {
            board.change { $0.fail(name, "\(error)", at: .now) }
            return (workload, InferenceKeyError(kind: .api, message: "\(error)"))
        }
    }

    /// Shows the board every so often until it is cancelled, and once more then.
    private func paint(_ board: Board) async {
        var painter = Repainter()
        let terminal = session.terminal
        while true {
            if terminal.isLive {
                let lines = board.change {
                    $0.lines(at: .now, width: terminal.messageWidth - 1, style: terminal.messages)
                }
                terminal.sayPart(painter.paint(lines))
            } else {
                for line in board.change({ $0.news(at: .now) }) { terminal.say(line) }
            }
            if Task.isCancelled { return }
            try? await Task.sleep(for: .milliseconds(200))
        }
    }

    private func failure(_ workload: WaitedWorkload, _ error: InferenceKeyError, of count: Int) -> CommandFailure {
        var failure = CommandFailure(error, address: session.address)
        if count > 1 { failure.what = "\(count) workloads did not become ready; the first: \(failure.what)" }
        failure.next = [
            "ik explain \(workload.slug) --project \(workload.project)",
            "ik logs \(workload.slug) --project \(workload.project)",
        ]
        return failure
    }
}

/// The board that several waits write to.
private final class Board: Sendable {
    private let state: Mutex<ProgressBoard>
    private let names: [String]

    init(_ names: [String]) {
        self.names = names
        state = Mutex(ProgressBoard(names, began: .now))
    }

    func name(of workload: WaitedWorkload) -> String {
        names.first { $0 == workload.slug || $0 == "\(workload.project)/\(workload.slug)" } ?? workload.slug
    }

    @discardableResult
    func change<Result: Sendable>(_ body: (inout ProgressBoard) -> Result) -> Result {
        state.withLock { body(&$0) }
    }
}
