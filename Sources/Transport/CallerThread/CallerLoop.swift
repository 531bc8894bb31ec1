import Synchronization

/// Runs tasks, and waits for their sockets and timers, on whichever thread drives it. Owns no thread.
///
/// That a task's plain `http` requests stay on the thread of the caller is what this is for: no hop, and nothing that a
/// `fork` would lose. What other threads finish for such a task comes back to it here.
///
/// ```swift
/// let loop = try CallerLoop()
/// let task = loop.task { await work() }
/// loop.drive(until: deadline) { isDone }
/// ```
package final class CallerLoop: TaskExecutor {
    /// The loop that the current task runs on.
    @TaskLocal package static var current: CallerLoop?

    private struct State {
        var jobs: [UnownedJob] = []
        var waits: [Int: LoopWait] = [:]
        var lastWait = 0
        /// Not later than any deadline of the waits.
        var earliest: LoopMoment?
        var isDriven = false
        /// Tasks that are being started by whoever drives next.
        var expected = 0
        /// The driving thread sleeps, or will.
        var isAsleep = false
        var hasRung = false
    }

    private let state = Mutex(State())
    private let watch: LoopWatch

    /// - Parameter isShared: whether ``descriptor`` is wanted, for the event loop of a host.
    /// - Throws: when this process can have no more descriptors.
    package init(isShared: Bool = false) throws(TransportError) { watch = try LoopWatch(isShared: isShared) }

    /// Readable when there is something to drive; -1 unless shared.
    package var descriptor: Int32 { watch.pollSet }

    /// A task that runs here, as do the tasks that it starts.
    /// - Parameter isDrivenNext: whether the caller drives next, so that the host need not be told.
    package func task(
        isDrivenNext: Bool = false, _ work: @escaping @Sendable () async -> Void
    ) -> Task<Void, Never> {
        if isDrivenNext { state.withLock { $0.expected += 1 } }
        defer { if isDrivenNext { state.withLock { $0.expected -= 1 } } }
        return Self.$current.withValue(self) { Task(executorPreference: self) { await work() } }
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { state in
            state.jobs.append(job)
            ringIfNeeded(&state)
        }
    }

    // MARK: The driving thread

    package enum End: Sendable, Hashable {
        case done, late
        /// A signal came; the host may have something to say to it.
        case interrupted
        /// Another thread drives.
        case busy
    }

    /// Runs the tasks until it is done, or the time is up. Nothing is lost when it is driven again later.
    package func drive(until deadline: LoopMoment?, isDone: () -> Bool) -> End {
        guard state.withLock({ $0.isDriven.trySet() }) else { return .busy }
        defer { leave() }
        while true {
            runJobs()
            if isDone() { return .done }
            switch sleep(until: deadline) {
            case .interrupted: return .interrupted
            case .ready(let ids):
                let woken = wake(ids)
                guard woken || LoopMoment.milliseconds(until: deadline) != 0 || hasJobs else { return .late }
            }
        }
    }

    private var hasJobs: Bool { state.withLock { !$0.jobs.isEmpty } }

    private func runJobs() {
        while true {
            let jobs = state.withLock { state in
                let jobs = state.jobs
                state.jobs.removeAll(keepingCapacity: true)
                return jobs
            }
            if jobs.isEmpty { return }
            for job in jobs { job.runSynchronously(on: asUnownedTaskExecutor()) }
        }
    }

    private func sleep(until deadline: LoopMoment?) -> LoopWatch.Sight {
        let (waits, limit, hasJobs) = state.withLock { state in
            let moments = [state.earliest, deadline].compactMap { $0 }
            let hasJobs = !state.jobs.isEmpty
            state.isAsleep = !hasJobs
            return (watch.isShared ? [:] : state.waits, moments.min(), hasJobs)
        }
        if hasJobs { return .ready([]) }
        let sight = watch.sleep(LoopMoment.milliseconds(until: limit), on: waits)
        state.withLock { state in
            state.isAsleep = false
            // Cleared first: who rings from now on is heard.
            if state.hasRung { watch.clear() }
            state.hasRung = false
        }
        return sight
    }

    /// Resumes the ready waits and those whose time is up. Says whether there were any.
    private func wake(_ ids: [Int]) -> Bool {
        var isAny = false
        for id in ids where end(id, .ready) { isAny = true }
        let now = LoopMoment.now
        let late: [Int] = state.withLock { state in
            guard let earliest = state.earliest, earliest <= now else { return [] }
            let late = state.waits.filter { $0.value.deadline.map { $0 <= now } ?? false }.map(\.key)
            state.earliest = state.waits.values.compactMap(\.deadline).filter { $0 > now }.min()
            watch.wake(at: state.earliest)
            return late
        }
        for id in late where end(id, .late) { isAny = true }
        return isAny
    }

    private func leave() {
        state.withLock { state in
            state.isDriven = false
            if !state.jobs.isEmpty { ringIfNeeded(&state) }
        }
    }

    /// Tells whoever sleeps, or the host, that there is a job. Under the lock: a ring after it could come after the
    /// clearing that it belongs to, and would then stay.
    private func ringIfNeeded(_ state: inout State) {
        let isHostToKnow = watch.isShared && !state.isDriven && state.expected == 0
        guard !state.hasRung, state.isAsleep || isHostToKnow else { return }
        state.hasRung = true
        watch.ring()
    }
}

extension CallerLoop {
    /// Waits until the descriptor is ready. Cancelling the task ends it.
    func wait(
        for fd: Int32, _ interest: LoopWait.Interest = .read, until deadline: LoopMoment?
    ) async -> LoopWait.End {
        await wait(for: fd, interest, until: deadline) { _ in }
    }

    /// Waits until `wake` was called, on whichever thread.
    func wait(
        until deadline: LoopMoment?, startedBy start: (_ wake: @escaping @Sendable () -> Void) -> Void
    ) async -> LoopWait.End {
        await wait(for: -1, .read, until: deadline, startedBy: start)
    }

    private func wait(
        for fd: Int32, _ interest: LoopWait.Interest, until deadline: LoopMoment?,
        startedBy start: (_ wake: @escaping @Sendable () -> Void) -> Void
    ) async -> LoopWait.End {
        let id = state.withLock { state in
            state.lastWait += 1
            return state.lastWait
        }
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { waiter in
                begin(LoopWait(fd: fd, interest: interest, deadline: deadline, waiter: waiter), id)
                start { self.end(id, .ready) }
                if Task.isCancelled { end(id, .cancelled) }
            }
        } onCancel: {
            end(id, .cancelled)
        }
    }

    /// Throws when the task is cancelled.
    package func sleep(for duration: Duration) async throws(CancellationError) {
        if await wait(for: -1, until: .now + duration) == .cancelled { throw CancellationError() }
    }

    private func begin(_ wait: LoopWait, _ id: Int) {
        state.withLock { state in
            state.waits[id] = wait
            if let deadline = wait.deadline, state.earliest.map({ deadline < $0 }) ?? true {
                state.earliest = deadline
                watch.wake(at: deadline)
            }
            watch.add(wait, id)
        }
    }

    @discardableResult
    private func end(_ id: Int, _ end: LoopWait.End) -> Bool {
        let wait = state.withLock { state in
            let wait = state.waits.removeValue(forKey: id)
            if let wait { watch.remove(wait) }
            return wait
        }
        wait?.waiter.resume(returning: end)
        return wait != nil
    }
}
