import InferenceKey
import LoopbackServer
import Synchronization
import Testing
import Transport

/// Made-up credentials in the right shape.
enum Made {
    static let secret = String(repeating: "0123456789abcdef", count: 4)
    static let token = "ik_sdk_a1b2c3d4_" + secret
    static let key = "ik_live_0badcafe_" + secret
    static let operatorKey = "ik_admin_00ff00ff_" + secret
}

/// A clock that stands still until a sleeper is let go, and remembers what was slept.
///
/// In `jumping` mode every sleep ends at once with the clock moved on; otherwise sleepers wait for ``advance(by:)``.
final class ManualTime: Sendable {
    private struct State {
        var now = Duration.zero
        var slept: [Duration] = []
        var sleepers: [Int: (wakes: Duration, waiter: CheckedContinuation<Void, any Error>)] = [:]
        var next = 0
        var watchers: [(count: Int, waiter: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())
    private let jumping: Bool

    init(jumping: Bool = true) { self.jumping = jumping }

    var slept: [Duration] { state.withLock { $0.slept } }

    var time: ClientTime {
        ClientTime(
            now: { self.state.withLock { $0.now } }, sleep: { try await self.sleep($0) }, jitter: { 0 },
            date: { Timestamp(milliseconds: 0) })
    }

    /// Moves the clock and wakes who is due.
    func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.now += duration
            let due = state.sleepers.filter { $0.value.wakes <= state.now }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.sorted { $0.wakes < $1.wakes }.map(\.waiter)
        }
        for waiter in due { waiter.resume() }
    }

    /// Returns when so many sleeps have begun since the start.
    func untilSleeps(_ count: Int) async {
        await withCheckedContinuation { waiter in
            let isThere = state.withLock { state in
                if state.slept.count >= count { return true }
                state.watchers.append((count, waiter))
                return false
            }
            if isThere { waiter.resume() }
        }
    }

    private func sleep(_ duration: Duration) async throws {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { waiter in begin(id, duration, waiter) }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: id) }?.waiter.resume(throwing: CancellationError())
        }
    }

    private func begin(_ id: Int, _ duration: Duration, _ waiter: CheckedContinuation<Void, any Error>) {
        let (wake, ready) = state.withLock { state -> (Bool, [CheckedContinuation<Void, Never>]) in
            state.slept.append(duration)
            let ready = state.watchers.filter { $0.count <= state.slept.count }.map(\.waiter)
            state.watchers.removeAll { $0.count <= state.slept.count }
            if jumping { state.now += duration } else { state.sleepers[id] = (state.now + duration, waiter) }
            return (jumping, ready)
        }
        for watcher in ready { watcher.resume() }
        if wake {
            waiter.resume()
        } else if Task.isCancelled {
            state.withLock { $0.sleepers.removeValue(forKey: id) }?.waiter.resume(throwing: CancellationError())
        }
    }
}

extension LoopbackServer {
    var address: String { "http://127.0.0.1:\(port)" }

    func management(
        token: String = Made.token, project: String? = "acme", options: ClientOptions = .init(),
        time: ManualTime = ManualTime()
    ) throws(InferenceKeyError) -> ManagementClient {
        let connection = try ControlConnection(
            baseURL: address, credential: token, options: options, time: time.time)
        return ManagementClient(connection: connection, project: project)
    }

    func endpoint(
        options: ClientOptions = .init(), time: ManualTime = ManualTime()
    ) throws(InferenceKeyError) -> Endpoint {
        try DataClient(
            Settings(environment: { _ in nil }), baseURL: address, project: "acme", apiKey: Made.key,
            options: options, parts: .init(time: time.time)
        ).endpoint("support-bot")
    }
}

/// Scripts a server's answers, one request after another.
final class Script<Step: Sendable>: Sendable {
    private let steps: Mutex<[Step]>
    init(_ steps: [Step]) { self.steps = Mutex(steps) }
    /// The next step; the last one again when they are used up.
    func next() -> Step { steps.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] } }
}
