import Fleet
import InferenceKeyWire
import Logging
import Synchronization

/// One run of the agent with its credential: the watch, the posts, the look at the machine.
struct WorkerSession: Sendable {
    let agent: WorkerAgent
    let credential: Credential
    let data: DataFolder
    let roster: ReplicaRoster
    private let desk: LogDesk
    private let current: Latest

    init(agent: WorkerAgent, credential: Credential, data: DataFolder, roster: ReplicaRoster) {
        self.agent = agent
        self.credential = credential
        self.data = data
        self.roster = roster
        let link = agent.link
        desk = LogDesk(
            bench: agent.bench, clock: agent.clock, now: agent.now, logger: agent.logger,
            find: { await roster.log(of: $0) },
            post: { (batch) async throws(LinkError) in try await link.post(batch, as: credential) })
        current = Latest()
    }

    /// Runs until its task is cancelled, or the Manager does not know the credential: then it gives the Manager's words.
    func run() async -> String? {
        let mirrored = data.assignment
        let adopted = if let mirrored { await roster.adopt(mirrored) } else { [ReplicaID]() }
        return await withTaskGroup(of: String?.self) { group in
            group.addTask { await watch() }
            group.addTask {
                await settle(adopted)
                return await observe()
            }
            for work in [tick, lookAtMachine, lookNowAndThen] {
                group.addTask {
                    await work()
                    return nil
                }
            }
            if let mirrored {
                group.addTask {
                    await fallBack(to: mirrored)
                    return nil
                }
            }
            for await case let reason? in group {
                group.cancelAll()
                return reason
            }
            return nil
        }
    }

    /// Gives the Manager's words when it does not know the credential.
    private func watch() async -> String? {
        let delay = Mutex(ReconnectDelay())
        while !Task.isCancelled {
            do throws(LinkError) {
                try await agent.link.watchAssignments(as: credential) { assignment in
                    delay.withLock { $0.reset() }
                    await take(assignment)
                }
                agent.logger.debug("the watch ended; it is opened again")
            } catch {
                if Task.isCancelled { return nil }
                if case .refused(status: 401, let reason) = error { return reason }
                agent.logger.warning("no watch on the Manager", metadata: ["error": "\(error)"])
            }
            try? await agent.clock.sleep(for: delay.withLock { $0.next() })
        }
        return nil
    }

    private func take(_ assignment: WorkerAssignment) async {
        current.set(assignment)
        await roster.apply(assignment)
        agent.board.set(generation: assignment.generation)
        await desk.take(assignment.logRequests)
        var kept = assignment
        kept.logRequests = []
        do {
            try data.write(kept)
        } catch {
            agent.logger.error("the assignment is not kept", metadata: ["error": "\(error)"])
        }
    }

    /// Starts what the last run was assigned when the Manager stays away.
    private func fallBack(to mirrored: WorkerAssignment) async {
        try? await agent.clock.sleep(for: agent.configuration.mirrorGrace)
        guard !Task.isCancelled, current.assignment == nil else { return }
        agent.logger.notice("without the Manager, the last known assignment is worked on")
        await roster.startMissing(of: mirrored)
    }

    /// Waits for the first look at engines that were taken over, so that one that served all along is not reported as
    /// starting. At most two seconds: a Manager that hears nothing gives the worker up.
    private func settle(_ adopted: [ReplicaID]) async {
        for _ in 0..<200 {
            let seen = agent.board.observation?.replicas ?? []
            let isSettled = adopted.allSatisfy { id in
                seen.contains { $0.replicaID == id && $0.state != .placed && $0.state != .starting }
            }
            if isSettled || Task.isCancelled { return }
            try? await agent.clock.sleep(for: .milliseconds(10))
        }
    }

    /// Gives the Manager's words when it does not know the credential.
    private func observe() async -> String? {
        var delay = ReconnectDelay()
        for await _ in agent.board.bell.rings() {
            guard let observation = agent.board.observation else { continue }
            do throws(LinkError) {
                try await agent.link.post(observation, as: credential)
                let assigned = Set((current.assignment?.replicas ?? []).map(\.replicaID))
                agent.board.forgetStopped(in: observation, keeping: assigned)
                delay.reset()
            } catch {
                if Task.isCancelled { return nil }
                switch error {
                case .refused(status: 401, let reason): return reason
                case .refused:
                    // Not told, the Manager gives this worker up.
                    agent.logger.error("the Manager refuses what this worker sees", metadata: ["error": "\(error)"])
                default: agent.logger.debug("observation not posted", metadata: ["error": "\(error)"])
                }
                try? await agent.clock.sleep(for: delay.next())
                agent.board.bell.ring()
            }
        }
        return nil
    }

    /// An observation is the worker's sign of life too.
    private func tick() async {
        while !Task.isCancelled {
            agent.board.bell.ring()
            try? await agent.clock.sleep(for: agent.configuration.observeEvery)
        }
    }

    /// An engine that is gone leaves room: the Manager need not wait for the next look to know.
    private func lookAtMachine() async {
        for await _ in agent.machineBell.rings() { agent.board.set(await agent.inventory.read()) }
    }

    private func lookNowAndThen() async {
        while !Task.isCancelled {
            try? await agent.clock.sleep(for: agent.configuration.inventoryEvery)
            if !Task.isCancelled { agent.machineBell.ring() }
        }
    }

    /// The newest assignment of this run.
    private final class Latest: Sendable {
        private let state = Mutex<WorkerAssignment?>(nil)
        var assignment: WorkerAssignment? { state.withLock { $0 } }
        func set(_ assignment: WorkerAssignment) { state.withLock { $0 = assignment } }
    }
}
